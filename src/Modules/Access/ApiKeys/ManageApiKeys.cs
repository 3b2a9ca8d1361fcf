using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Access.People;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;

namespace Notify.Access.ApiKeys;

/// <summary><c>/api-keys</c>: creates, reads, changes, rotates and revokes API keys. A secret appears only in the answer to the request that creates
/// it.</summary>
public sealed class ManageApiKeys(
    ResourceStore<ApiKey, ApiKeySettings> store, ResourceReader<ApiKey, ApiKeySettings> reader, ResourceKind<ApiKey, ApiKeySettings> kind,
    ApiKeyUses uses, SecretVault vault, KnownSecrets secrets, TimeProvider time)
{
    public const int MostOverlapHours = 168;

    /// <param name="OverlapHours">How long the previous secret stays valid, in hours from 0 to 168.</param>
    public sealed record Rotation(int OverlapHours);

    /// <returns>The body is the key as a read shows it, with its secret under <c>key</c>.</returns>
    /// <exception cref="ProblemException">400; 403: it would have permissions that the caller lacks; 409: an earlier request with the same
    /// Idempotency-Key created it, and its answer is lost.</exception>
    public async Task<(ApiKey Key, JsonObject Body)> IssueAsync(
        JsonObject body, AuditContext audit, FirstRequest? first, CancellationToken cancellation)
    {
        var secret = ApiKeyText.New();
        secrets.AddChosen(secret);
        var fingerprint = vault.Fingerprint(secret);
        var key = await WithSecretAsync(
            store.CreateAsync(body, audit, first, cancellation, x => x with { Secrets = [new ApiKeySecret(fingerprint)] }), secret);
        if (key.Settings.Secrets[0].Fingerprint != fingerprint) throw ProblemException.Conflict(
            $"The API key '{key.Name}' ({key.Id}) was made by the first request with this Idempotency-Key, whose answer is lost. It is not shown again: rotate it.");
        return (key, WithSecret(key, secret));
    }

    /// <exception cref="ProblemException">400, 403, 404, 412; 409: it is revoked or has expired.</exception>
    public async Task<(ApiKey Key, JsonObject Body)> RotateAsync(
        string id, ExpectedVersion expected, Rotation request, AuditContext audit, CancellationToken cancellation)
    {
        if (request.OverlapHours is < 0 or > MostOverlapHours)
            throw ProblemException.Invalid("overlapHours", $"Give a whole number of hours from 0 to {MostOverlapHours}.");
        var secret = ApiKeyText.New();
        secrets.AddChosen(secret);
        var key = await WithSecretAsync(store.ChangeSettingsAsync(
            id, expected,
            (current, _) =>
            {
                var now = Instants.Cut(time.GetUtcNow());
                if (current.Settings.ExpiresAt <= now) throw ProblemException.Conflict($"The API key '{current.Name}' has expired.");
                var settings = current.Settings.Rotated(vault.Fingerprint(secret), now.AddHours(request.OverlapHours));
                return (settings, new ApiKeyRotated(current.Name, current.Description, settings, request.OverlapHours));
            },
            audit, cancellation), secret);
        return (key, WithSecret(key, secret));
    }

    /// <summary>The key is refused on every node within 5 seconds. Revoking it again changes nothing.</summary>
    public async Task<(ApiKey Key, JsonObject Body)> RevokeAsync(
        string id, ExpectedVersion expected, AuditContext audit, CancellationToken cancellation) =>
        await ShownAsync(await store.SwitchAsync(id, expected, enable: false, audit, cancellation), cancellation);

    public async Task<(ApiKey Key, JsonObject Body)> ReplaceAsync(
        string id, ExpectedVersion? expected, JsonObject body, AuditContext audit, CancellationToken cancellation) =>
        await ShownAsync(await store.ReplaceAsync(id, expected, body, audit, cancellation), cancellation);

    /// <inheritdoc cref="ResourceStore{TResource, TSettings}.CheckAsync"/>
    public Task CheckAsync(string id, ExpectedVersion? expected, CancellationToken cancellation) => store.CheckAsync(id, expected, cancellation);

    /// <inheritdoc cref="ResourceReader{TResource, TSettings}.GetAsync"/>
    public async Task<(ApiKey Key, JsonObject Body)> GetAsync(string id, long? version, DateTimeOffset? asOf, CancellationToken cancellation) =>
        await ShownAsync(await reader.GetAsync(id, version, asOf, cancellation), cancellation);

    public async Task<Page<JsonObject>> ListAsync(ResourceQuery query, CancellationToken cancellation)
    {
        var page = await reader.ListAsync(query, cancellation);
        var used = await uses.ReadAsync(cancellation);
        foreach (var item in page.Items) AddUse(item, (string)item["id"]!, used);
        return page;
    }

    private async Task<(ApiKey, JsonObject)> ShownAsync(ApiKey key, CancellationToken cancellation)
    {
        var body = kind.Body(key);
        AddUse(body, key.Id, await uses.ReadAsync(cancellation));
        return (key, body);
    }

    private static void AddUse(JsonObject body, string id, Dictionary<string, ApiKeyUse> used)
    {
        if (used.TryGetValue(id, out var use)) body["lastUsedAt"] = JsonSerializer.SerializeToNode(Instants.Cut(use.At), NotifyJson.Options);
    }

    /// <summary>If the change needs approval, its author still gets the secret now; it becomes valid with the approval.</summary>
    private static async Task<ApiKey> WithSecretAsync(Task<ApiKey> change, string secret)
    {
        try
        {
            return await change;
        }
        catch (ChangeProposedException proposed)
        {
            proposed.Proposal["key"] = secret;
            throw;
        }
    }

    private JsonObject WithSecret(ApiKey key, string secret)
    {
        var body = kind.Body(key);
        body["key"] = secret;
        return body;
    }
}
