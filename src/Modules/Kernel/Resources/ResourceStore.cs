using System.Text.Json;
using System.Text.Json.Nodes;
using Marten;
using Marten.Exceptions;
using Notify.Kernel.Secrets;
using Npgsql;
using Wolverine;

namespace Notify.Kernel.Resources;

/// <summary>The changes of one kind of configuration resource: who may not, what does not fit, what is stale, and what goes on record.</summary>
public sealed class ResourceStore<TResource, TSettings>(
    ResourceKind<TResource, TSettings> kind,
    IDocumentStore store,
    IMessageBus bus,
    SecretVault vault,
    TimeProvider time)
    where TResource : Resource<TSettings>, new()
    where TSettings : class
{
    /// <summary>What a reader gets back beside the settings; ignored when it is sent again.</summary>
    private static readonly string[] readOnlyFields = ["id", "status", "version", "createdAt", "createdBy", "updatedAt", "updatedBy"];

    public Task<TResource> CreateAsync(JsonObject body, AuditContext audit, CancellationToken cancellation) =>
        ChangeAsync(audit, async change =>
        {
            var (name, description, settings) = await ReadAsync(body, current: null, change);
            await CheckNameIsFreeAsync(name, "", change);
            var id = Ids.New(kind.Noun, time.GetUtcNow());
            change.Session.Events.StartStream<TResource>(id, kind.Created(name, description, settings));
            return id;
        }, cancellation);

    public Task<TResource> ReplaceAsync(string id, ExpectedVersion expected, JsonObject body, AuditContext audit, CancellationToken cancellation) =>
        ChangeAsync(audit, async change =>
        {
            var current = await LoadForChangeAsync(id, expected, change);
            var (name, description, settings) = await ReadAsync(body, current.Settings, change);
            await CheckNameIsFreeAsync(name, id, change);
            if (name == current.Name && description == current.Description && Same(settings, current.Settings)) return id;
            SecretVault.Destroy(change.Session, [.. kind.Secrets(current.Settings).Except(kind.Secrets(settings), StringComparer.Ordinal)]);
            Append(current, kind.Changed(name, description, settings), change);
            return id;
        }, cancellation);

    public Task<TResource> SwitchAsync(string id, ExpectedVersion expected, bool enable, AuditContext audit, CancellationToken cancellation) =>
        ChangeAsync(audit, async change =>
        {
            var current = await LoadForChangeAsync(id, expected, change);
            if (current.Enabled == enable) return id;
            if (enable)
            {
                var errors = new Errors();
                await kind.CheckReferencesAsync(current.Settings, change, errors);
                errors.ThrowIfAny();
            }

            Append(current, enable ? kind.Enabled() : kind.Disabled(), change);
            return id;
        }, cancellation);

    public Task DeleteAsync(string id, ExpectedVersion expected, AuditContext audit, CancellationToken cancellation) =>
        ChangeAsync(audit, async change =>
        {
            var current = await LoadForChangeAsync(id, expected, change);
            var users = await kind.UsersAsync(id, change.Session, bus, cancellation);
            if (users.Where(x => x.Enabled).ToList() is { Count: > 0 } inUse)
            {
                throw ProblemException.Conflict(
                    $"The {kind.Noun} '{current.Name}' is used by {string.Join(", ", inUse.Select(x => $"{x.Kind} '{x.Name}'"))}.");
            }

            SecretVault.Destroy(change.Session, [.. kind.Secrets(current.Settings)]);
            Append(current, kind.Deleted(), change);
            return id;
        }, cancellation);

    /// <summary>
    /// One change at a time in the whole installation: the row of <see cref="ConfigurationStamp"/> is the lock. So names stay unique and references
    /// stay whole without a race, and every decision made after the answer is made with the change.
    /// </summary>
    private async Task<TResource> ChangeAsync(AuditContext audit, Func<ResourceChange, Task<string>> decide, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        audit.ApplyTo(session);
        await session.BeginTransactionAsync(cancellation);
        await ConfigurationStamp.AdvanceAsync(session, cancellation);
        var id = await decide(new ResourceChange(session, bus, vault, audit, cancellation));
        try
        {
            await session.SaveChangesAsync(cancellation);
        }
        catch (MartenCommandException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            throw ProblemException.Conflict($"Another {kind.Noun} has this name, or was changed at the same time.");
        }

        return await session.LoadAsync<TResource>(id, cancellation) ?? new TResource { Id = id };
    }

    private async Task<TResource> LoadForChangeAsync(string id, ExpectedVersion expected, ResourceChange change)
    {
        var current = await change.Session.LoadAsync<TResource>(id, change.Cancellation) ?? throw ProblemException.NotFound(kind.Noun, id);
        if (!expected.Matches(current.Version))
            throw new ProblemException(412, "The resource was changed in the meantime.", $"The {kind.Noun} is at version {current.Version}. Read it again and repeat the change.");
        return current;
    }

    private async Task<(string Name, string Description, TSettings Settings)> ReadAsync(JsonObject body, TSettings? current, ResourceChange change)
    {
        var errors = new Errors();
        var name = ReadText(body, "name", errors).Trim();
        if (name.Length == 0) errors.Add("name", "A name is required.");
        else if (name.EnumerateRunes().Count() > 64) errors.Add("name", "A name has at most 64 characters.");
        else if (name.Any(char.IsControl)) errors.Add("name", "A name may not contain control characters.");
        var description = ReadText(body, "description", errors).Trim();
        if (description.EnumerateRunes().Count() > 500) errors.Add("description", "A description has at most 500 characters.");

        var settingsBody = body.DeepClone().AsObject();
        foreach (var field in (string[])["name", "description", .. readOnlyFields]) settingsBody.Remove(field);
        var settings = await kind.ReadAsync(settingsBody, current, change, errors);
        if (settings is not null && !errors.Any) await kind.CheckReferencesAsync(settings, change, errors);
        errors.ThrowIfAny();
        return (name, description, settings!);
    }

    private static string ReadText(JsonObject body, string field, Errors errors)
    {
        if (body[field] is not { } node) return "";
        if (node.GetValueKind() == JsonValueKind.String) return node.GetValue<string>();
        errors.Add(field, "The value must be text.");
        return "";
    }

    private async Task CheckNameIsFreeAsync(string name, string ownId, ResourceChange change)
    {
        var key = ResourceName.KeyOf(name);
        if (await change.Session.Query<TResource>().AnyAsync(x => x.NameKey == key && x.Id != ownId, change.Cancellation))
        {
            throw ProblemException.Conflict(
                $"Another {kind.Noun} is named '{name}'.",
                new Dictionary<string, string[]>(StringComparer.Ordinal) { ["name"] = ["This name is already used."] });
        }
    }

    private static bool Same(TSettings a, TSettings b) =>
        JsonNode.DeepEquals(JsonSerializer.SerializeToNode(a, NotifyJson.Options), JsonSerializer.SerializeToNode(b, NotifyJson.Options));

    private static void Append(TResource current, object @event, ResourceChange change) =>
        change.Session.Events.Append(current.Id, current.Version + 1, @event);
}

/// <summary>The version a caller has seen, from <c>If-Match</c>; null: any (<c>*</c>).</summary>
public readonly record struct ExpectedVersion(long? Version)
{
    public bool Matches(long version) => Version is null || Version == version;
}
