using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Notify.Kernel.Http;

/// <summary>A request body as the OpenAPI document shows it. How a request is read does not depend on it.</summary>
/// <param name="Type">Null: any content of this type.</param>
/// <param name="Parts">Null: the type alone.</param>
public sealed record DocumentedBody(string ContentType, Type? Type, string? Example, DocumentedParts? Parts = null);

/// <summary>A schema that is made of two types, as the answers about a resource are.</summary>
/// <param name="Name">Of the schema; generated clients name a class so.</param>
/// <param name="Common">Its fields are shown too, before those of the type.</param>
/// <param name="IsPage">A page of such items.</param>
public sealed record DocumentedParts(string Name, Type Common, bool IsPage = false);

/// <summary>A success as the OpenAPI document shows it, where the type that the endpoint returns does not say it.</summary>
/// <param name="Type">Null: a file of one of the content types, or nothing where there are none.</param>
/// <param name="Parts">Null: the type alone.</param>
public sealed record DocumentedAnswer(int Status, string? Description, Type? Type, IReadOnlyList<string> ContentTypes, DocumentedParts? Parts = null);

/// <summary>A header of the request, beside those that every endpoint takes.</summary>
public sealed record DocumentedHeader(string Name, string Description, bool IsRequired = false);

/// <summary>A header of a successful answer, beside those that every endpoint gives.</summary>
public sealed record DocumentedAnswerHeader(string Name, string Description);

/// <summary>The endpoint changes the version that <c>If-Match</c> names, and refuses another (409, 412, 428).</summary>
public sealed record ChangesVersion(string Description, bool IsRequired);

/// <summary>The OpenAPI document shows another type in place of the property's own, or of its items: the body is read node by node.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ShownAsAttribute : Attribute
{
    public ShownAsAttribute(Type type) => Type = type;

    /// <param name="schema">The name of a schema that another module's endpoint brings into the document.</param>
    public ShownAsAttribute(string schema) => Schema = schema;

    public Type? Type { get; }
    public string? Schema { get; }
}

/// <summary>
/// What an endpoint says of itself for the OpenAPI document: its name, its texts, and what its signature does not show. All that follows from other
/// metadata (permission, query parameters, idempotency, path) is not said again. A required property of a request bears <c>[Required]</c>, where its
/// type is nullable so that its absence can be explained.
/// </summary>
public static class EndpointDocument
{
    private const string Json = "application/json";

    /// <param name="name">The <c>operationId</c>. Generated clients make a method of it, so it stays.</param>
    /// <param name="summary">In a few words, without a full stop.</param>
    /// <param name="description">In whole sentences.</param>
    public static RouteHandlerBuilder Document(this RouteHandlerBuilder endpoint, string name, string summary, string description) =>
        endpoint.WithName(name).WithSummary(summary).WithDescription(description);

    /// <param name="example">As it would be sent; tests send some of them.</param>
    public static RouteHandlerBuilder Takes<TBody>(this RouteHandlerBuilder endpoint, string example) =>
        endpoint.WithMetadata(new DocumentedBody(Json, typeof(TBody), example));

    /// <summary>A body of which the document shows no schema. Several of these are a choice.</summary>
    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder endpoint, string contentType = Json, string? example = null) =>
        endpoint.WithMetadata(new DocumentedBody(contentType, null, example));

    public static RouteHandlerBuilder Answers<TAnswer>(
        this RouteHandlerBuilder endpoint, int status = StatusCodes.Status200OK, string? description = null) =>
        endpoint.WithMetadata(new DocumentedAnswer(status, description, typeof(TAnswer), [Json]));

    /// <summary>The status of the answer, whose type the endpoint's own says.</summary>
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
