using System.Linq.Expressions;
using System.Text.Json;
using System.Text.Json.Nodes;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;
using Wolverine;

namespace Notify.Kernel.Resources;

/// <summary>The context of a change of configuration: one transaction, one author, one time.</summary>
public sealed record ResourceChange(
    IDocumentSession Session, IMessageBus Bus, SecretVault Vault, IServiceProvider Services, AuditContext Audit, CancellationToken Cancellation)
{
    private readonly Dictionary<string, object> found = new(StringComparer.Ordinal);

    /// <summary>The decided event; null: nothing changes.</summary>
    internal AppendedChange? Appended { get; set; }

    /// <summary>Resources of another kind, by id, derived from their events: decisions must not depend on a table that somebody may have
    /// changed.</summary>
    public Task<Dictionary<string, TResource>> FindAsync<TResource, TSettings>(IEnumerable<string> ids)
        where TResource : Resource<TSettings>, new()
        where TSettings : class =>
        Services.GetRequiredService<CurrentResources<TResource, TSettings>>()
            .FindAsync(Session, [.. ids.Distinct(StringComparer.Ordinal)], Cancellation);

    /// <summary>
    /// Caches a lookup for the whole change, since the many rules of a document refer to the same few resources. Only for lookups made after
    /// everything that they depend on was written.
    /// </summary>
    public async Task<T> OnceAsync<T>(string question, Func<Task<T>> find)
        where T : notnull
    {
        if (found.TryGetValue(question, out var known)) return (T)known;
        var answer = await find();
        found[question] = answer;
        return answer;
    }
}

/// <param name="Id">The id of the resource.</param>
/// <param name="Settings">The settings after the event; null: there are none.</param>
/// <param name="Confirmed">The number of enabled users that the author has confirmed.</param>
internal sealed record AppendedChange(string Id, object Event, object? Settings, long? Confirmed = null);

/// <summary>Seals secrets for the installation with this public key.</summary>
public sealed record SecretSealer(SecretVault Vault, string PublicKey, CancellationToken Cancellation)
{
    /// <param name="write">Returns the entered form that contains the secret.</param>
    public async Task<string> SealAsync(string purpose, SecretRef secret, Func<string, string> write) =>
        TransferKey.Seal(PublicKey, purpose, write(await Vault.RevealAsync(secret, Cancellation)));
}

/// <summary>A resource that refers to another, or to which another refers.</summary>
public sealed record ResourceUser(string Kind, string Id, string Name, bool Enabled);

/// <summary>What differs between kinds of configuration resources. The rest is common to all:
/// <see cref="ResourceStore{TResource, TSettings}"/>.</summary>
public abstract class ResourceKind<TResource, TSettings>
    where TResource : Resource<TSettings>, new()
    where TSettings : class
{
    /// <summary><c>rule</c>: the prefix of ids, and usually the word shown to people.</summary>
    public abstract string Noun { get; }

    /// <summary>The alias of its read model table in Marten.</summary>
    public virtual string Table => Noun;

    /// <summary>The word shown to people.</summary>
    public virtual string Title => Noun;

    /// <summary><c>rules</c>: the segment of its address.</summary>
    public virtual string Plural => Noun + "s";

    /// <summary>The expression by which lists are sorted by type; null if the kind has no types.</summary>
    public virtual Expression<Func<TResource, object>>? Type => null;

    /// <summary>The permission to read such resources.</summary>
    public virtual Permission Reading => Permission.ConfigurationRead;

    /// <summary>The permission to change them.</summary>
    public virtual Permission Changing => Permission.ConfigurationChange;

    /// <summary>The field that must be unique, as the projection defines it.</summary>
    public virtual string UniqueField => "name";

    /// <summary>Resources that come with Notify: they have no events, are listed before the others, and cannot be changed.</summary>
    public virtual IReadOnlyList<TResource> BuiltIn => [];

    public abstract object Created(string name, string description, TSettings settings);
    public abstract object Changed(string name, string description, TSettings settings);
    public abstract object Enabled();
    public abstract object Disabled();
    public abstract object Deleted();

    /// <summary>Reads settings from a request's body. Faults are added to <paramref name="errors"/>; without faults the result is valid.</summary>
    /// <param name="current">The stored settings, if they are replaced: omitted secrets are taken from them.</param>
    public abstract Task<TSettings?> ReadAsync(JsonObject body, TSettings? current, ResourceChange change, Errors errors);

    /// <summary>The settings as shown: secrets only as fingerprints.</summary>
    public virtual JsonObject View(TSettings settings) => JsonSerializer.SerializeToNode(settings, NotifyJson.Options)!.AsObject();

    /// <summary>The settings as shown, but with other resources as ids, for <see cref="ReplaceIds"/>: what they are called now is not what they were
    /// called when the settings were in force.</summary>
    public virtual JsonObject ViewWithIds(TSettings settings) => View(settings);

    /// <summary>Checks, before it is created, changed or enabled, that what it refers to exists and is suitable.</summary>
    public virtual Task CheckReferencesAsync(TSettings settings, ResourceChange change, Errors errors) => Task.CompletedTask;

    /// <summary>Adds warnings about saved settings, by field: what is valid but suspicious.</summary>
    public virtual Task WarnAsync(TSettings settings, IMessageBus bus, Errors warnings, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>The last check of a change, after all others: whether this caller may make it, and whether it would remove something
    /// indispensable.</summary>
    /// <param name="before">Null: it is created.</param>
    /// <param name="after">The future state; null: it is deleted. What the event itself determines (version, time, author) is not set.</param>
    public virtual Task GuardAsync(TResource? before, TResource? after, ResourceChange change) => Task.CompletedTask;

    /// <summary>Called when a change is committed: this node's caches of these resources are outdated.</summary>
    public virtual void Committed()
    {
    }

    /// <summary>Called before resources are shown, to load what <see cref="View"/> needs of other resources.</summary>
    public virtual Task LookUpAsync(IQuerySession session, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Adds what a read of the current state shows in addition to the settings.</summary>
    /// <param name="shown">The resources by id.</param>
    /// <param name="bodies">Their bodies in the API (<see cref="Body"/>).</param>
    public virtual Task AddStateAsync(
        IReadOnlyDictionary<string, TResource> shown, IReadOnlyList<JsonObject> bodies, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>The existing resources to which these settings refer.</summary>
    public virtual Task<IReadOnlyList<ResourceUser>> UsedAsync(
        TSettings settings, IQuerySession session, IMessageBus bus, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<ResourceUser>>([]);

    /// <summary>The resources that refer to this one.</summary>
    public virtual Task<IReadOnlyList<ResourceUser>> UsersAsync(string id, IQuerySession session, IMessageBus bus, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<ResourceUser>>([]);

    /// <summary>What enabled users of the resource would lose by this change, each as <c>rule 'Night' needs pager 'Line 2'</c>.</summary>
    public virtual Task<IReadOnlyList<string>> LossesAsync(string id, TSettings before, TSettings after, ResourceChange change) =>
        Task.FromResult<IReadOnlyList<string>>([]);

    /// <summary>
    /// If true, disabling or deleting a resource that enabled resources use requires a number as confirmation (<c>?confirm=2</c>,
    /// <see cref="ResourceInUse.CountOf"/>). If false, it then cannot be deleted, and is disabled without confirmation.
    /// </summary>
    public virtual bool IsTakenFromUsers => false;

    /// <summary>Whether its input contains secrets.</summary>
    public virtual bool TakesSecrets => false;

    /// <summary>All secrets that these settings use.</summary>
    public virtual IEnumerable<SecretRef> Secrets(TSettings settings) => [];

    /// <summary>For a document for one other installation: replaces each masked secret by the sealed secret.</summary>
    public virtual Task SealSecretsAsync(JsonObject shown, TSettings settings, SecretSealer sealer) => Task.CompletedTask;

    /// <summary>The reverse, before the settings are read. Secrets that cannot be opened are added to <paramref name="errors"/>.</summary>
    public virtual void OpenSecrets(JsonObject body, TransferKey key, Errors errors)
    {
    }

    /// <summary>For a document for elsewhere: replaces the ids of other resources in the settings as shown by their names.</summary>
    /// <param name="nameOf">The name for a kind and an id; null if there is none.</param>
    public virtual void ReplaceIds(JsonObject settings, Func<string, string, string?> nameOf)
    {
    }

    /// <summary>The reverse.</summary>
    /// <param name="idOf">The id for a kind and a name; null if there is none.</param>
    public virtual void ReplaceNames(JsonObject body, Func<string, string, string?> idOf, Errors errors)
    {
    }

    /// <summary>A resource in the API: the common fields, then the kind's own settings.</summary>
    public JsonObject Body(TResource resource) => Body(resource, View(resource.Settings));

    /// <summary>As <see cref="Body(TResource)"/>, with the settings of <see cref="ViewWithIds"/>.</summary>
    internal JsonObject BodyWithIds(TResource resource) => Body(resource, ViewWithIds(resource.Settings));

    private JsonObject Body(TResource resource, JsonObject view)
    {
        var body = new JsonObject
        {
            ["id"] = resource.Id,
            ["name"] = resource.Name,
            ["description"] = resource.Description,
            ["status"] = resource.Status,
            ["version"] = resource.Version,
            ["createdAt"] = JsonSerializer.SerializeToNode(resource.CreatedAt, NotifyJson.Options),
            ["createdBy"] = JsonSerializer.SerializeToNode(resource.CreatedBy, NotifyJson.Options),
            ["updatedAt"] = JsonSerializer.SerializeToNode(resource.UpdatedAt, NotifyJson.Options),
            ["updatedBy"] = JsonSerializer.SerializeToNode(resource.UpdatedBy, NotifyJson.Options),
        };
        if (BuiltIn.Any(x => x.Id == resource.Id)) body["builtIn"] = true;
        foreach (var (name, value) in view) body[name] = value?.DeepClone();
        return body;
    }

    /// <summary>What changes are compared by: name, description, status and settings as shown, without the fields that every change
    /// updates.</summary>
    public JsonObject Shown(string name, string description, bool enabled, TSettings settings)
    {
        var shown = new JsonObject { ["name"] = name, ["description"] = description, ["status"] = enabled ? "enabled" : "disabled" };
        foreach (var (field, value) in View(settings)) shown[field] = value?.DeepClone();
        return shown;
    }

    public JsonObject Shown(TResource resource) => Shown(resource.Name, resource.Description, resource.Enabled, resource.Settings);

    /// <summary>Replaces a sealed text by its content.</summary>
    protected static void Open(JsonNode? owner, string field, string path, string purpose, TransferKey key, Errors errors)
    {
        if (owner is not JsonObject body || body[field] is not JsonValue value || value.GetValueKind() != JsonValueKind.String) return;
        if (value.GetValue<string>().Trim() is not { } text || !TransferKey.IsSealed(text)) return;
        if (key.Open(purpose, text) is { } opened) body[field] = opened;
        else errors.Add(path, "The secret is sealed for another installation, or was changed in transit.");
    }

    /// <summary>Deserializes a part of a body; faults are reported by path.</summary>
    protected static T? Read<T>(JsonNode? node, string path, Errors errors)
        where T : class =>
        ResourceFields.Deserialize<T>(node, path, errors);
}
