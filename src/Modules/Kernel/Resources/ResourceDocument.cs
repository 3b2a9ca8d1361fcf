using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Notify.Kernel.Http;

namespace Notify.Kernel.Resources;

/// <summary>What the OpenAPI document shows of one kind of resource.</summary>
/// <param name="Input">The settings as they are sent.</param>
/// <param name="View">The settings as they are read.</param>
/// <param name="Example">A request to create one.</param>
public sealed record ResourceDocument(Type Input, Type View, string Example)
{
    /// <summary>Where the settings are read as they are sent.</summary>
    public static ResourceDocument Of<TSettings>(string example) => new(typeof(TSettings), typeof(TSettings), example);
}

/// <summary>What a request says of every kind of resource.</summary>
public sealed record ResourceInput(string Name, string? Description = null);

/// <summary>What an answer says of every kind of resource.</summary>
/// <param name="Warnings">After a change: what is not as one would expect, by field; absent when there is nothing to say.</param>
/// <param name="BuiltIn">It comes with Notify and cannot be changed: nobody has made it, and its instants say nothing. Absent: it was made.</param>
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

/// <summary>What the OpenAPI document shows of endpoints about resources.</summary>
public static class DocumentedResourceEndpoints
{
    private const string Json = "application/json";

    /// <param name="name">Of the kind, as generated clients name classes: <c>Message</c>.</param>
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
