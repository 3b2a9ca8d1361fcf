using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Notify.Kernel.Http;

/// <summary>A request body in the OpenAPI document. It does not affect how requests are read.</summary>
/// <param name="Type">Null: any content of this content type.</param>
/// <param name="Parts">Null: the type alone.</param>
/// <param name="IsRequired">False: the request may come without a body.</param>
public sealed record DocumentedBody(string ContentType, Type? Type, string? Example, DocumentedParts? Parts = null, bool IsRequired = true);

/// <summary>A schema composed of two types, such as the answers about a resource.</summary>
/// <param name="Name">The name of the schema, and of the class in generated clients.</param>
/// <param name="Common">The type whose fields precede those of the main type.</param>
/// <param name="IsPage">Whether it is a page of such items.</param>
public sealed record DocumentedParts(string Name, Type Common, bool IsPage = false);

/// <summary>A successful answer in the OpenAPI document, if the endpoint's return type does not define it.</summary>
/// <param name="Type">Null: a file of one of the content types, or no content if there are none.</param>
/// <param name="Parts">Null: the type alone.</param>
public sealed record DocumentedAnswer(int Status, string? Description, Type? Type, IReadOnlyList<string> ContentTypes, DocumentedParts? Parts = null);

/// <summary>A request header, in addition to those of every endpoint.</summary>
public sealed record DocumentedHeader(string Name, string Description, bool IsRequired = false);

/// <summary>A header of a successful answer, in addition to those of every endpoint.</summary>
public sealed record DocumentedAnswerHeader(string Name, string Description);

/// <summary>The endpoint changes the version named by <c>If-Match</c>, and refuses otherwise (409, 412, 428).</summary>
public sealed record ChangesVersion(string Description, bool IsRequired);

/// <summary>Replaces the type of a property, or of its items, in the OpenAPI document, since the body is read node by node.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ShownAsAttribute : Attribute
{
    public ShownAsAttribute(Type type) => Type = type;

    /// <param name="schema">The name of a schema that another module's endpoint adds to the document.</param>
    public ShownAsAttribute(string schema) => Schema = schema;

    public Type? Type { get; }
    public string? Schema { get; }
}

/// <summary>
/// Describes an endpoint for the OpenAPI document: its name, its texts, and what its signature does not show. What follows from other metadata
/// (permission, query parameters, idempotency, path) is not repeated. A required property of a request has <c>[Required]</c> and a nullable type, so
/// that its absence can be reported.
/// </summary>
public static class EndpointDocument
{
    private const string Json = "application/json";

    /// <param name="name">The <c>operationId</c>. Generated clients use it as a method name, so it must not change.</param>
    /// <param name="summary">A few words, without a full stop.</param>
    /// <param name="description">Full sentences.</param>
    public static RouteHandlerBuilder Document(this RouteHandlerBuilder endpoint, string name, string summary, string description) =>
        endpoint.WithName(name).WithSummary(summary).WithDescription(description);

    /// <param name="example">A valid body; tests send some of them.</param>
    public static RouteHandlerBuilder Takes<TBody>(this RouteHandlerBuilder endpoint, string example) =>
        endpoint.WithMetadata(new DocumentedBody(Json, typeof(TBody), example));

    /// <summary>A body that may be left out (<see cref="RequestBody.ReadOptionalAsync{T}"/>).</summary>
    /// <inheritdoc cref="Takes{TBody}(RouteHandlerBuilder, string)"/>
    public static RouteHandlerBuilder MayTake<TBody>(this RouteHandlerBuilder endpoint, string example) =>
        endpoint.WithMetadata(new DocumentedBody(Json, typeof(TBody), example, IsRequired: false));

    /// <summary>A body without a schema in the document. Several of these are alternatives.</summary>
    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder endpoint, string contentType = Json, string? example = null) =>
        endpoint.WithMetadata(new DocumentedBody(contentType, null, example));

    public static RouteHandlerBuilder Answers<TAnswer>(
        this RouteHandlerBuilder endpoint, int status = StatusCodes.Status200OK, string? description = null) =>
        endpoint.WithMetadata(new DocumentedAnswer(status, description, typeof(TAnswer), [Json]));

    /// <summary>The status of an answer whose type is the endpoint's return type.</summary>
    public static RouteHandlerBuilder Answers(this RouteHandlerBuilder endpoint, int status, string description) =>
        endpoint.WithMetadata(new DocumentedAnswer(status, description, null, []));

    public static RouteHandlerBuilder AnswersFile(this RouteHandlerBuilder endpoint, string description, params IReadOnlyList<string> contentTypes) =>
        endpoint.WithMetadata(new DocumentedAnswer(StatusCodes.Status200OK, description, null, contentTypes));

    public static RouteHandlerBuilder TakesHeader(this RouteHandlerBuilder endpoint, string name, string description) =>
        endpoint.WithMetadata(new DocumentedHeader(name, description));

    public static RouteHandlerBuilder GivesHeader(this RouteHandlerBuilder endpoint, string name, string description) =>
        endpoint.WithMetadata(new DocumentedAnswerHeader(name, description));

    public static RouteHandlerBuilder ChangesVersion(
        this RouteHandlerBuilder endpoint, string description = "The ETag of the version that is changed.", bool isRequired = true) =>
        endpoint.WithMetadata(new ChangesVersion(description, isRequired));
}
