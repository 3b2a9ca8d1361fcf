using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Access.People;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;

namespace Notify.Access.ApiKeys;

/// <summary>The endpoints of <see cref="ManageApiKeys"/>.</summary>
internal static class ApiKeyEndpoints
{
    private const string Shown = "The key is in this answer only. With an Idempotency-Key a repeated request gets the same answer, which is stored sealed.";

    private static readonly ResourceDocument document = new(typeof(ApiKeyInput), typeof(ApiKeyView), ApiKeyKind.Example);
    private static readonly string[] sorts = ["-createdAt", "createdAt", "name", "-name", "description", "-description", "status", "-status"];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/api-keys").WithTags("api-keys");

        group.MapPost("", async (HttpContext http, ManageApiKeys keys, PublicAddress address) =>
        {
            var (key, body) = await keys.IssueAsync(await http.Request.ReadObjectAsync(), http.Audit(), http.FirstRequest(), http.RequestAborted);
            http.Response.StatusCode = StatusCodes.Status201Created;
            http.Response.Headers.Location = address.PathTo($"api/v1/api-keys/{key.Id}");
            return Answer(http, key, body);
        }).Idempotent().Requires(Permission.PeopleManage).MayNeedApproval("apiKey")
            .Document("createApiKey", "Make an API key", $"With roles, single permissions, or both. Nobody gives what they do not have. {Shown}")
            .Takes(document, "ApiKey").Answers(document, "ApiKey", StatusCodes.Status201Created, "Created; the only answer that contains the key.")
            .GivesHeader("Location", "The address of the new resource.");

        group.MapPost("/check", async (HttpContext http, ResourceStore<ApiKey, ApiKeySettings> store) =>
        {
            await store.TryAsync(http.Query().Text("id"), await http.Request.ReadObjectAsync(), http.Audit(), http.RequestAborted);
            return Results.NoContent();
        }).Query("id").Requires(Permission.PeopleManage)
            .Document(
                "checkApiKey", "Check the settings of an API key",
                "Whether they could be saved as they are; with id, in place of those of an existing one. Nothing is changed.")
            .Takes(document, "ApiKey").Answers(StatusCodes.Status204NoContent, "They could be saved.");

        group.MapGet("", async (HttpContext http, ManageApiKeys keys) =>
        {
            var query = http.Query();
            var wanted = new ResourceQuery(
                query.Text("search"), query.OneOf("status", "enabled", "disabled") switch { null => null, var status => status == "enabled" },
                query.OneOf("sort", sorts) ?? "-createdAt", query.Number("page", 1, 1, int.MaxValue / 200), query.Number("pageSize", 20, 1, 200));
            query.ThrowIfInvalid();
            return await keys.ListAsync(wanted, http.RequestAborted);
        })
            .Query(
                "search", QueryParameter.OneOf("status", "enabled", "disabled"), QueryParameter.OneOf("sort", sorts), QueryParameter.Page,
                QueryParameter.PageSize)
            .Requires(Permission.PeopleRead)
            .Document("listApiKeys", "List API keys", "Also the revoked ones, whose status is disabled. Never shows a key, only its fingerprint.")
            .AnswersPage(document, "ApiKey");

        group.MapGet("/{id}", async (string id, HttpContext http, ManageApiKeys keys) =>
        {
            var query = http.Query();
            var (version, asOf) = (query.Long("version", null, 1, long.MaxValue), query.Instant("asOf"));
            query.ThrowIfInvalid();
            var (key, body) = await keys.GetAsync(id, version, asOf, http.RequestAborted);
            return Answer(http, key, body);
        }).Query(QueryParameter.Instant("asOf"), QueryParameter.Number("version", 1)).Requires(Permission.PeopleRead)
            .Document("getApiKey", "Read an API key", "The current state, or the state at a version or an instant; when it was last used, to about a minute.")
            .Answers(document, "ApiKey");

        group.MapPut("/{id}", async (string id, HttpContext http, ManageApiKeys keys) =>
        {
            var expected = http.IfMatch();
            await keys.CheckAsync(id, expected, http.RequestAborted);
            var (key, body) = await keys.ReplaceAsync(id, expected, await http.Request.ReadObjectAsync(), http.Audit(), http.RequestAborted);
            return Answer(http, key, body);
        }).Requires(Permission.PeopleManage).MayNeedApproval("apiKey")
            .Document("replaceApiKey", "Replace the settings of an API key", "Name, scope, expiry, and how often it is expected to report. The secret stays the same.")
            .Takes(document, "ApiKey").Answers(document, "ApiKey").ChangesVersion();

        group.MapPost("/{id}/rotate", async (string id, HttpContext http, ManageApiKeys keys) =>
        {
            var (key, body) = await keys.RotateAsync(
                id, http.IfMatch() ?? ExpectedVersion.Any, await http.Request.ReadAsync<ManageApiKeys.Rotation>(), http.Audit(), http.RequestAborted);
            return Answer(http, key, body);
        }).Idempotent().Requires(Permission.PeopleManage).MayNeedApproval("apiKey")
            .Document(
                "rotateApiKey", "Give an API key a new secret", $"The secret of before opens for overlapHours more (0 to {Hours}). {Shown}")
            .Takes<ManageApiKeys.Rotation>("""{ "overlapHours": 24 }""").Answers(document, "ApiKey")
            .ChangesVersion("The ETag of the version that is changed; without it, any.", isRequired: false);

        group.MapPost("/{id}/revoke", async (string id, HttpContext http, ManageApiKeys keys) =>
        {
            var (key, body) = await keys.RevokeAsync(id, http.IfMatch() ?? ExpectedVersion.Any, http.Audit(), http.RequestAborted);
            return Answer(http, key, body);
        }).Idempotent().Requires(Permission.PeopleManage)
            .Document("revokeApiKey", "Revoke an API key", "It is refused on every node within 5 seconds, and for good.")
            .Answers(document, "ApiKey").ChangesVersion("The ETag of the version that is changed; without it, any.", isRequired: false);

        group.MapGet("/{id}/history", async (string id, HttpContext http, ResourceReader<ApiKey, ApiKeySettings> reader) =>
        {
            var query = http.Query();
            var (before, limit) = (query.Cursor(), query.Number("limit", 100, 1, 1000));
            query.ThrowIfInvalid();
            return await reader.HistoryAsync(id, before, limit, http.RequestAborted);
        }).Query(QueryParameter.Cursor, QueryParameter.Limit).Requires(Permission.PeopleRead)
            .Document("getApiKeyHistory", "History of an API key", "Every change, newest first, with who, when, from where and why.");

        group.MapGet("/{id}/references", async (string id, HttpContext http, ResourceReader<ApiKey, ApiKeySettings> reader) =>
            await reader.ReferencesAsync(id, http.RequestAborted)).Requires(Permission.PeopleRead)
            .Document("getApiKeyReferences", "References of an API key", "The roles that it has.");
    }

    private static string Hours => ManageApiKeys.MostOverlapHours.ToString(CultureInfo.InvariantCulture);

    private static JsonObject Answer(HttpContext http, ApiKey key, JsonObject body)
    {
        http.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{key.Version}\"");
        http.Response.Headers.CacheControl = "no-store";
        return body;
    }
}
