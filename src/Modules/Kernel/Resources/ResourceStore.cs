using System.Text.Json;
using System.Text.Json.Nodes;
using Marten;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;
using Npgsql;
using Wolverine;

namespace Notify.Kernel.Resources;

/// <summary>Changes resources of one kind: checks the input, references, versions and users, asks for approval, and records the event.</summary>
public sealed class ResourceStore<TResource, TSettings>(
    ResourceKind<TResource, TSettings> kind,
    IDocumentStore store,
    IMessageBus bus,
    ResourceProjection<TResource, TSettings> projection,
    CurrentResources<TResource, TSettings> resources,
    ChangeTurns turns,
    SecretVault vault,
    IApprovals approvals,
    EventCatalog catalog,
    IServiceProvider services,
    TimeProvider time) : IApprovedChanges
    where TResource : Resource<TSettings>, new()
    where TSettings : class
{
    private const string TypeField = "type";
    private const string DataField = "data";
    private const string ConfirmField = "confirm";

    /// <param name="first">For a request with an <c>Idempotency-Key</c>: if it has already created the resource, that is returned.</param>
    /// <param name="complete">Adds settings that do not come from the body.</param>
    public Task<TResource> CreateAsync(
        JsonObject body, AuditContext audit, FirstRequest? first, CancellationToken cancellation, Func<TSettings, TSettings>? complete = null) =>
        ChangeAsync(audit, async change =>
        {
            var id = first is null ? Ids.New(kind.Noun, time.GetUtcNow()) : Ids.Of(kind.Noun, first.Id);
            if (first is not null && await change.Session.Events.FetchStreamAsync(id, version: 1, token: cancellation) is [var creation])
                return projection.Evolve(null, id, creation);
            var (name, description, settings) = await ReadAsync(body, current: null, change);
            if (complete is not null) settings = complete(settings);
            await CheckNameIsFreeAsync(name, settings, "", change);
            await kind.GuardAsync(null, After(id, name, description, enabled: true, settings), change);
            Append(id, settings, kind.Created(name, description, settings), change);
            return null;
        }, cancellation, first)!;

    public Task<TResource> ReplaceAsync(string id, ExpectedVersion? expected, JsonObject body, AuditContext audit, CancellationToken cancellation) =>
        ChangeAsync(audit, async change =>
        {
            var current = await LoadForChangeAsync(id, expected, change.Session, cancellation);
            var (name, description, settings) = await ReadAsync(body, current.Settings, change);
            await CheckNameIsFreeAsync(name, settings, id, change);
            await CheckUsersAsync(current, settings, change);
            await kind.GuardAsync(current, After(id, name, description, current.Enabled, settings), change);
            if (name != current.Name || description != current.Description || !ResourceFields.Same(settings, current.Settings))
                Append(id, settings, kind.Changed(name, description, settings), change);
            return current;
        }, cancellation)!;

    /// <summary>A change by the kind's own use case; recorded even if the settings stay the same.</summary>
    /// <param name="decide">Returns the new settings, and the event that contains them (an <see cref="IResourceChanged{TSettings}"/>).</param>
    public Task<TResource> ChangeSettingsAsync(
        string id, ExpectedVersion? expected, Func<TResource, Errors, (TSettings Settings, object Event)> decide, AuditContext audit,
        CancellationToken cancellation) =>
        ChangeAsync(audit, async change =>
        {
            var current = await LoadForChangeAsync(id, expected, change.Session, cancellation);
            var errors = new Errors();
            var (settings, @event) = decide(current, errors);
            if (!errors.Any) await kind.CheckReferencesAsync(settings, change, errors);
            errors.ThrowIfAny();
            await CheckUsersAsync(current, settings, change);
            await kind.GuardAsync(current, After(id, current.Name, current.Description, current.Enabled, settings), change);
            Append(id, settings, @event, change);
            return current;
        }, cancellation)!;

    /// <param name="confirmed">The number of enabled users that the caller has confirmed.</param>
    public Task<TResource> SwitchAsync(
        string id, ExpectedVersion? expected, bool enable, AuditContext audit, CancellationToken cancellation, long? confirmed = null) =>
        ChangeAsync(audit, async change =>
        {
            var current = await LoadForChangeAsync(id, expected, change.Session, cancellation);
            if (current.Enabled == enable) return current;
            if (enable) await CheckReferencesAsync(current.Settings, change);
            else if (kind.IsTakenFromUsers) await CheckConfirmedAsync(current, confirmed, change);

            await kind.GuardAsync(current, After(id, current.Name, current.Description, enable, current.Settings), change);
            Append(id, current.Settings, enable ? kind.Enabled() : kind.Disabled(), change, confirmed);
            return current;
        }, cancellation)!;

    /// <param name="confirmed">The number of enabled users that the caller has confirmed.</param>
    public Task DeleteAsync(
        string id, ExpectedVersion? expected, AuditContext audit, CancellationToken cancellation, long? confirmed = null) =>
        ChangeAsync(audit, async change =>
        {
            var current = await LoadForChangeAsync(id, expected, change.Session, cancellation);
            if (kind.IsTakenFromUsers) await CheckConfirmedAsync(current, confirmed, change);
            else ResourceInUse.ThrowIfAny(kind.Title, current.Name, await kind.UsersAsync(id, change.Session, bus, cancellation));
            await kind.GuardAsync(current, null, change);
            Append(id, null, kind.Deleted(), change, confirmed);
            return current;
        }, cancellation);

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Kinds => [kind.Noun];

    /// <inheritdoc/>
    public Task MakeAsync(ChangeToApprove change, AuditContext audit, CancellationToken cancellation)
    {
        var (id, expected, confirmed) = (change.Id!, new ExpectedVersion([change.BasedOn[0].Version]), (long?)change.Input[ConfirmField]);
        var @event = catalog.TryRead(
            (string)change.Input[TypeField]!, JsonSerializer.SerializeToUtf8Bytes(change.Input[DataField], NotifyJson.Options));
        return @event switch
        {
            IResourceCreated<TSettings> x => ChangeAsync(audit, async made =>
            {
                await CheckReferencesAsync(x.Settings, made);
                await CheckNameIsFreeAsync(x.Name, x.Settings, id, made);
                await kind.GuardAsync(null, After(id, x.Name, x.Description, enabled: true, x.Settings), made);
                Append(id, x.Settings, x, made);
                return null;
            }, cancellation),
            IResourceChanged<TSettings> x => ChangeAsync(audit, async made =>
            {
                var current = await LoadForChangeAsync(id, expected, made.Session, cancellation);
                await CheckReferencesAsync(x.Settings, made);
                await CheckNameIsFreeAsync(x.Name, x.Settings, id, made);
                await CheckUsersAsync(current, x.Settings, made);
                await kind.GuardAsync(current, After(id, x.Name, x.Description, current.Enabled, x.Settings), made);
                Append(id, x.Settings, x, made);
                return current;
            }, cancellation),
            IResourceEnabled => SwitchAsync(id, expected, enable: true, audit, cancellation),
            IResourceDisabled => SwitchAsync(id, expected, enable: false, audit, cancellation, confirmed),
            IResourceDeleted => DeleteAsync(id, expected, audit, cancellation, confirmed),
            _ => throw ProblemException.Conflict("The proposal on record cannot be read: somebody has changed it."),
        };
    }

    /// <summary>Refuses early what <see cref="ReplaceAsync"/> would refuse with any body.</summary>
    /// <exception cref="ProblemException">404, 428 or 412.</exception>
    public async Task<TResource> CheckAsync(string id, ExpectedVersion? expected, CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        return await LoadForChangeAsync(id, expected, session, cancellation);
    }

    /// <summary>Checks a form's content as if it were saved; changes nothing.</summary>
    /// <param name="id">The id of the resource to change; null: a new one.</param>
    /// <exception cref="ProblemException">As from <see cref="CreateAsync"/> and <see cref="ReplaceAsync"/>.</exception>
    public async Task TryAsync(string? id, JsonObject body, AuditContext audit, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        await kind.LookUpAsync(session, cancellation);
        var change = new ResourceChange(session, bus, vault, services, audit, cancellation);
        var current = id is null ? null : await resources.FindAsync(session, id, cancellation) ?? throw ProblemException.NotFound(kind.Title, id);
        var (name, description, settings) = await ReadAsync(body, current?.Settings, change);
        await CheckNameIsFreeAsync(name, settings, id ?? "", change);
        if (current is not null) await CheckUsersAsync(current, settings, change);
        await kind.GuardAsync(current, After(id ?? "", name, description, current?.Enabled ?? true, settings), change);
    }

    /// <summary>
    /// Makes one change at a time in the whole installation, with the row of <see cref="ConfigurationStamp"/> as the lock. So names stay unique and
    /// references valid without races, and every decision made after the answer takes the change into account.
    /// </summary>
    /// <param name="decide">Appends at most one event, and returns the resource before it; null: it did not exist.</param>
    /// <returns>The resource after it; null: deleted.</returns>
    private async Task<TResource?> ChangeAsync(
        AuditContext audit, Func<ResourceChange, Task<TResource?>> decide, CancellationToken cancellation, FirstRequest? first = null)
    {
        // A waiter for the lock holds a connection, and its holder may need a second one. Within this process, waiters therefore hold none.
        using var turn = await turns.TakeAsync(cancellation);
        await using var session = store.LightweightSession();
        audit.ApplyTo(session);
        await session.BeginTransactionAsync(cancellation);
        await ConfigurationStamp.AdvanceAsync(session, cancellation);
        await kind.LookUpAsync(session, cancellation);
        var change = new ResourceChange(session, bus, vault, services, audit, cancellation);
        var before = await decide(change);
        if (change.Appended is not { } appended) return before;
        // Every change of configuration passes here, and waits for approval if the policy requires it.
        audit = await approvals.PassAsync(session, ToApprove(before, appended, first), audit, commit: null, cancellation);
        audit.ApplyTo(session);
        SecretVault.Destroy(session, SecretsOf(before?.Settings), SecretsOf(appended.Settings as TSettings));
        if (before is null) session.Events.StartStream<TResource>(appended.Id, appended.Event);
        else session.Events.Append(appended.Id, before.Version + 1, appended.Event);
        var stream = session.PendingChanges.Streams().Single();
        try
        {
            await session.SaveChangesAsync(cancellation);
        }
        catch (Exception e) when (WriteConflict.Is(e))
        {
            // By the events the name is free, and nobody can have taken it since.
            throw ProblemException.Conflict(IsNameTaken(e)
                ? $"A row without events has this name: the table of the {kind.Title} was changed in the database. POST /api/v1/configuration/rebuild restores it."
                : $"Another {kind.Title} has this name, or was changed at the same time.");
        }

        kind.Committed();
        // Not read again, since that could already include the next change.
        return projection.Evolve(before, stream.Key!, stream.Events[0]);
    }

    private bool IsNameTaken(Exception e) =>
        (e as PostgresException ?? e.InnerException as PostgresException
            ?? e.GetBaseException() as PostgresException)?.ConstraintName == ResourceModule.UniqueName(kind.Table);

    private async Task<TResource> LoadForChangeAsync(string id, ExpectedVersion? expected, IQuerySession session, CancellationToken cancellation)
    {
        if (kind.BuiltIn.FirstOrDefault(x => x.Id == id) is { } builtIn)
            throw ProblemException.Conflict($"The {kind.Title} '{builtIn.Name}' is built in and cannot be changed.");
        var current = await resources.FindAsync(session, id, cancellation) ?? throw ProblemException.NotFound(kind.Title, id);
        if (expected is null)
            throw new ProblemException(428, "If-Match is required.",
                $"Send the version you have read, from the ETag. The {kind.Title} is now at version {current.Version}: If-Match: \"{current.Version}\".");
        if (!expected.Matches(current.Version))
            throw new ProblemException(412, "The resource was changed in the meantime.",
                $"The {kind.Title} is at version {current.Version}. Read it again and repeat the change.");
        return current;
    }

    private async Task<(string Name, string Description, TSettings Settings)> ReadAsync(JsonObject body, TSettings? current, ResourceChange change)
    {
        var errors = new Errors();
        var (name, description) = ResourceFields.Read(body, errors);
        var settings = await kind.ReadAsync(ResourceFields.SettingsOf(body), current, change, errors);
        if (settings is not null && !errors.Any) await kind.CheckReferencesAsync(settings, change, errors);
        errors.ThrowIfAny();
        // A service's body may contain its secrets, but only in the fields for them.
        return (change.Vault.Mask(name), change.Vault.Mask(description), settings!);
    }

    private async Task CheckUsersAsync(TResource current, TSettings settings, ResourceChange change) =>
        ResourceInUse.ThrowIfLost(kind.Title, current.Name, await kind.LossesAsync(current.Id, current.Settings, settings, change));

    private async Task CheckNameIsFreeAsync(string name, TSettings settings, string ownId, ResourceChange change)
    {
        var key = projection.KeyOf(name, settings);
        var all = kind.BuiltIn.Concat(await resources.AllAsync(change.Session, change.Cancellation));
        if (all.FirstOrDefault(x => x.NameKey == key && x.Id != ownId) is { } other)
        {
            throw ProblemException.Conflict(
                $"Another {kind.Title} is named '{(kind.UniqueField == "name" ? name : projection.UniqueOf(other.Name, other.Settings))}'.",
                new Dictionary<string, string[]>(StringComparer.Ordinal) { [kind.UniqueField] = ["This name is already used."] });
        }
    }

    private TResource After(string id, string name, string description, bool enabled, TSettings settings) => new()
    {
        Id = id,
        Name = name,
        NameKey = projection.KeyOf(name, settings),
        Description = description,
        Enabled = enabled,
        Settings = settings,
    };

    private async Task CheckReferencesAsync(TSettings settings, ResourceChange change)
    {
        var errors = new Errors();
        await kind.CheckReferencesAsync(settings, change, errors);
        errors.ThrowIfAny();
    }

    /// <param name="settings">The settings after the event; null: none. Secrets used only by the previous settings are destroyed.</param>
    private static void Append(string id, TSettings? settings, object @event, ResourceChange change, long? confirmed = null) =>
        change.Appended = new(id, @event, settings, confirmed);

    private async Task CheckConfirmedAsync(TResource current, long? confirmed, ResourceChange change) =>
        ResourceInUse.ThrowIfUnconfirmed(
            kind.Title, current.Name, await kind.UsersAsync(current.Id, change.Session, bus, change.Cancellation), confirmed);

    private IEnumerable<SecretRef> SecretsOf(TSettings? settings) => settings is null ? [] : kind.Secrets(settings);

    private ChangeToApprove ToApprove(TResource? before, AppendedChange appended, FirstRequest? first)
    {
        var (verb, name, after) = appended.Event switch
        {
            IResourceCreated<TSettings> x => ("create", x.Name, kind.Shown(x.Name, x.Description, true, x.Settings)),
            IResourceChanged<TSettings> x => ("replace", before!.Name, kind.Shown(x.Name, x.Description, before.Enabled, x.Settings)),
            IResourceEnabled => ("enable", before!.Name, kind.Shown(before.Name, before.Description, true, before.Settings)),
            IResourceDisabled => ("disable", before!.Name, kind.Shown(before.Name, before.Description, false, before.Settings)),
            _ => ("delete", before!.Name, new JsonObject()),
        };
        var old = SecretsOf(before?.Settings).Select(x => x.Ref).ToHashSet(StringComparer.Ordinal);
        var input = new JsonObject
        {
            [TypeField] = catalog[appended.Event.GetType()].Name,
            [DataField] = JsonSerializer.SerializeToNode(appended.Event, appended.Event.GetType(), NotifyJson.Options),
        };
        // The approval covers as many users as the author has confirmed.
        if (appended.Confirmed is { } confirmed) input[ConfirmField] = confirmed;
        return new ChangeToApprove(
            kind.Noun, verb, appended.Id, name, FieldChange.Between(before is null ? new JsonObject() : kind.Shown(before), after),
            [new BaseVersion(appended.Id, before?.Version ?? 0)], input)
        {
            NewSecrets = [.. SecretsOf(appended.Settings as TSettings).Where(x => !old.Contains(x.Ref))],
            First = first,
        };
    }
}
