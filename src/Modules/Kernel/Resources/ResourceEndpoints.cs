using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel.Http;
using Wolverine;

namespace Notify.Kernel.Resources;

/// <summary>The common endpoints of every kind of configuration resource (docs: the REST contract, "Configuration").</summary>
public static class ResourceEndpoints
{
    private const string Recorded =
        "Requires If-Match with the version that was read. The change is recorded with who made it, when, from where and why.";

    private const string Confirm = "confirm";
    private const string Confirming =
        "If enabled rules use it, confirm must be their number; without it, or with another number, the answer is 409 and names them, and what else "
        + "uses it. If only that does (a drill), confirm must be the number of it. ";

    private static readonly string[] sorts = ["-createdAt", "createdAt", "name", "-name", "description", "-description", "status", "-status"];

    /// <param name="document">The kind's description for the OpenAPI document.</param>
    public static RouteGroupBuilder MapResource<TResource, TSettings>(
        this IEndpointRouteBuilder routes, ResourceKind<TResource, TSettings> kind, ResourceDocument document)
        where TResource : Resource<TSettings>, new()
        where TSettings : class
    {
        var (noun, name) = (kind.Noun, char.ToUpperInvariant(kind.Noun[0]) + kind.Noun[1..]);
        var group = routes.MapGroup($"/api/v1/{kind.Plural}").WithTags(kind.Plural);

        var post = group.MapPost("", async (HttpContext http, PublicAddress address) =>
        {
            var created = await Store(http).CreateAsync(await http.Request.ReadObjectAsync(), http.Audit(), http.FirstRequest(), http.RequestAborted);
            http.Response.StatusCode = 201;
            http.Response.Headers.Location = address.PathTo($"api/v1/{kind.Plural}/{created.Id}");
            return await AnswerWithWarningsAsync(http, kind, created);
        }).Idempotent().Requires(kind.Changing).MayNeedApproval(noun)
            .Document($"create{name}", $"Create a {noun}", $"The {kind.UniqueField} must be unique among resources of this kind, regardless of case.")
            .Takes(document, name).Answers(document, name, StatusCodes.Status201Created, "Created.")
            .GivesHeader("Location", "The address of the new resource.");

        var check = group.MapPost("/check", async (HttpContext http) =>
        {
            await Store(http).TryAsync(http.Query().Text("id"), await http.Request.ReadObjectAsync(), http.Audit(), http.RequestAborted);
            return Results.NoContent();
        }).Query("id").Requires(kind.Changing)
            .Document(
                $"check{name}", $"Check the settings of a {noun}",
                "Checks whether the settings could be saved; with id, as a replacement of an existing resource's. Nothing is changed.")
            .Takes(document, name).Answers(StatusCodes.Status204NoContent, "The settings could be saved.");

        var list = group.MapGet("", async (HttpContext http) =>
        {
            var query = http.Query();
            var wanted = new ResourceQuery(
                query.Text("search"), query.OneOf("status", "enabled", "disabled") switch { null => null, var status => status == "enabled" },
                query.Text("sort") ?? "-createdAt", query.Number("page", 1, 1, int.MaxValue / 200), query.Number("pageSize", 20, 1, 200));
            query.ThrowIfInvalid();
            return await Reader(http).ListAsync(wanted, http.RequestAborted);
        })
                .Query(
                    "search", QueryParameter.OneOf("status", "enabled", "disabled"),
                    QueryParameter.OneOf("sort", kind.Type is null ? sorts : [.. sorts, "type", "-type"]), QueryParameter.Page,
                    QueryParameter.PageSize)
                .Requires(kind.Reading)
            .Document($"list{name}s", $"List {noun}s", "Searches name and description; sorted and paged, newest first by default.")
            .AnswersPage(document, name);

        var get = group.MapGet("/{id}", async (string id, HttpContext http) =>
        {
            var query = http.Query();
            var (version, asOf) = (query.Long("version", null, 1, long.MaxValue), query.Instant("asOf"));
            query.ThrowIfInvalid();
            var resource = await Reader(http).GetAsync(id, version, asOf, http.RequestAborted);
            var body = Answer(http, kind, resource);
            if (version is null && asOf is null) await kind.AddStateAsync(
                new Dictionary<string, TResource>(StringComparer.Ordinal) { [id] = resource }, [body], http.RequestAborted);
            return body;
        }).Query(QueryParameter.Instant("asOf"), QueryParameter.Number("version", 1)).Requires(kind.Reading)
            .Document(
                $"get{name}", $"Read a {noun}",
                "The current state, or the state at a version or an instant. Secrets show as fingerprints only.")
            .Answers(document, name);

        var put = group.MapPut("/{id}", async (string id, HttpContext http) =>
        {
            var expected = http.IfMatch();
            // Checked before the body is read, so that a stale version or a wrong address is reported first.
            await Store(http).CheckAsync(id, expected, http.RequestAborted);
            return await AnswerWithWarningsAsync(http, kind, await Store(http).ReplaceAsync(
                id, expected, await http.Request.ReadObjectAsync(), http.Audit(), http.RequestAborted));
        }).Requires(kind.Changing).MayNeedApproval(noun)
            .Document(
                $"replace{name}", $"Replace the settings of a {noun}",
                "Send all settings. A secret that is omitted or sent back as it was read is kept; one that would be sent elsewhere than before "
                + "must be entered again. Settings that an enabled rule depends on "
                + $"cannot be removed. {Recorded}")
            .Takes(document, name).Answers(document, name).ChangesVersion();

        group.MapPost("/{id}/enable", async (string id, HttpContext http) =>
            await AnswerWithWarningsAsync(
                http, kind, await Store(http).SwitchAsync(id, http.IfMatch(), enable: true, http.Audit(), http.RequestAborted)))
            .Requires(kind.Changing).MayNeedApproval(noun)
            .Document($"enable{name}", $"Enable a {noun}", $"Everything it refers to must exist, be of a suitable type and be enabled. {Recorded}")
            .Answers(document, name).ChangesVersion();

        var disable = group.MapPost("/{id}/disable", async (string id, HttpContext http) =>
            Answer(http, kind, await Store(http).SwitchAsync(
                id, http.IfMatch(), enable: false, http.Audit(), http.RequestAborted, Confirmed(http, kind))))
            .Requires(kind.Changing).MayNeedApproval(noun)
            .Document(
                $"disable{name}", $"Disable a {noun}", $"Resources that refer to it are not changed. {(kind.IsTakenFromUsers ? Confirming : "")}{Recorded}")
            .Answers(document, name).ChangesVersion();

        var delete = group.MapDelete("/{id}", async (string id, HttpContext http) =>
        {
            await Store(http).DeleteAsync(id, http.IfMatch(), http.Audit(), http.RequestAborted, Confirmed(http, kind));
            return Results.NoContent();
        }).Requires(kind.Changing).MayNeedApproval(noun)
            .Document(
                $"delete{name}", $"Delete a {noun}",
                $"{(kind.IsTakenFromUsers ? Confirming : "Refused while an enabled resource refers to it. ")}Its history is kept. {Recorded}")
            .Answers(StatusCodes.Status204NoContent, "Deleted.").ChangesVersion();
        if (kind.IsTakenFromUsers)
        {
            disable.Query(QueryParameter.Number(Confirm, 0));
            delete.Query(QueryParameter.Number(Confirm, 0));
        }

        var history = group.MapGet("/{id}/history", async (string id, HttpContext http) =>
        {
            var query = http.Query();
            var (before, limit) = (query.Cursor(), query.Number("limit", 100, 1, 1000));
            query.ThrowIfInvalid();
            return await Reader(http).HistoryAsync(id, before, limit, http.RequestAborted);
        })
                .Query(QueryParameter.Cursor, QueryParameter.Limit)
                .Requires(kind.Reading)
            .Document(
                $"get{name}History", $"History of a {noun}",
                "Every change, newest first, with who, when, from where and why, and each field before and after. Also for a deleted one.");

        if (kind.TakesSecrets)
        {
            foreach (var endpoint in (RouteHandlerBuilder[])[post, check, put]) endpoint.TakesSecrets();
            foreach (var endpoint in (RouteHandlerBuilder[])[list, get, history]) endpoint.ShowsFingerprints();
        }

        group.MapGet("/{id}/references", async (string id, HttpContext http) =>
            await Reader(http).ReferencesAsync(id, http.RequestAborted)).Requires(kind.Reading)
            .Document(
                $"get{name}References", $"References of a {noun}",
                "What refers to it and what it refers to, with names and whether each is enabled.");

        return group;

        // Not parameters of the endpoints: no code is generated for endpoints of a generic type before their first call.
        static ResourceStore<TResource, TSettings> Store(HttpContext http) =>
            http.RequestServices.GetRequiredService<ResourceStore<TResource, TSettings>>();

        static ResourceReader<TResource, TSettings> Reader(HttpContext http) =>
            http.RequestServices.GetRequiredService<ResourceReader<TResource, TSettings>>();
    }

    private static long? Confirmed<TResource, TSettings>(HttpContext http, ResourceKind<TResource, TSettings> kind)
        where TResource : Resource<TSettings>, new()
        where TSettings : class
    {
        if (!kind.IsTakenFromUsers) return null;
        var query = http.Query();
        var confirmed = query.Long(Confirm, null, 0, int.MaxValue);
        query.ThrowIfInvalid();
        return confirmed;
    }

    /// <summary>The answer to a request about one resource: its body, with its version as the ETag.</summary>
    public static JsonObject Answer<TResource, TSettings>(HttpContext http, ResourceKind<TResource, TSettings> kind, TResource resource)
        where TResource : Resource<TSettings>, new()
        where TSettings : class
    {
        http.Response.Headers.ETag = $"\"{resource.Version}\"";
        return kind.Body(resource);
    }

    /// <summary>The answer after a change, with warnings in the caller's language.</summary>
    private static async Task<JsonObject> AnswerWithWarningsAsync<TResource, TSettings>(
        HttpContext http, ResourceKind<TResource, TSettings> kind, TResource resource)
        where TResource : Resource<TSettings>, new()
        where TSettings : class
    {
        var (answer, warnings) = (Answer(http, kind, resource), new Errors());
        await kind.WarnAsync(resource.Settings, http.RequestServices.GetRequiredService<IMessageBus>(), warnings, http.RequestAborted);
        if (warnings.Any) answer[RequestBody.Warnings] = JsonSerializer.SerializeToNode(
            http.InCallersLanguage(warnings.ToDictionary()), NotifyJson.Options);
        return answer;
    }
}
