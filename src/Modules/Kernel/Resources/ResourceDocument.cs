using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Notify.Kernel.Http;

namespace Notify.Kernel.Resources;

/// <summary>One kind of resource in the OpenAPI document.</summary>
/// <param name="Input">The type of the settings in requests.</param>
/// <param name="View">The type of the settings in answers.</param>
/// <param name="Example">A request to create one.</param>
public sealed record ResourceDocument(Type Input, Type View, string Example)
{
    /// <summary>For settings that have the same form in requests and answers.</summary>
    public static ResourceDocument Of<TSettings>(string example) => new(typeof(TSettings), typeof(TSettings), example);
}

/// <summary>The common fields of requests for all kinds of resources.</summary>
public sealed record ResourceInput(string Name, string? Description = null);

/// <summary>The common fields of answers for all kinds of resources.</summary>
/// <param name="Warnings">After a change: by field, what is suspicious; absent if there are none.</param>
/// <param name="BuiltIn">Whether it comes with Notify and cannot be changed; its times and actors are meaningless. Absent: it was created.</param>
public sealed record ResourceView(
    string Id, string Name, string Description, ResourceStatus Status, long Version,
    DateTimeOffset CreatedAt, Actor CreatedBy, DateTimeOffset UpdatedAt, Actor UpdatedBy, IDictionary<string, string[]>? Warnings = null,
    bool? BuiltIn = null);

[JsonConverter(typeof(JsonStringEnumConverter<ResourceStatus>))]
public enum ResourceStatus
{
    [JsonStringEnumMemberName("enabled")] Enabled,
    [JsonStringEnumMemberName("disabled")] Disabled,
}

/// <summary>Endpoints about resources in the OpenAPI document.</summary>
public static class DocumentedResourceEndpoints
{
    private const string Json = "application/json";

    /// <param name="name">The name of the kind in class names of generated clients: <c>Message</c>.</param>
    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder endpoint, ResourceDocument document, string name) =>
        endpoint.WithMetadata(
            new DocumentedBody(Json, document.Input, document.Example, new DocumentedParts($"{name}Request", typeof(ResourceInput))));

    /// <inheritdoc cref="Takes"/>
    public static RouteHandlerBuilder Answers(
        this RouteHandlerBuilder endpoint, ResourceDocument document, string name, int status = StatusCodes.Status200OK,
        string? description = null) =>
        endpoint.WithMetadata(new DocumentedAnswer(status, description, document.View, [Json], PartsOf(name)))
            .GivesHeader("ETag", "The version, to send as If-Match.");

    /// <inheritdoc cref="Takes"/>
    public static RouteHandlerBuilder AnswersPage(this RouteHandlerBuilder endpoint, ResourceDocument document, string name) =>
        endpoint.WithMetadata(new DocumentedAnswer(StatusCodes.Status200OK, null, document.View, [Json], PartsOf(name) with { IsPage = true }));

    private static DocumentedParts PartsOf(string name) => new($"{name}Resource", typeof(ResourceView));
}
