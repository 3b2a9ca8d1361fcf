using System.Linq.Expressions;
using System.Text.Json;
using System.Text.Json.Nodes;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;
using Wolverine;

namespace Notify.Kernel.Resources;

/// <summary>What a change of configuration runs in: one transaction, one author, one moment.</summary>
public sealed record ResourceChange(
    IDocumentSession Session, IMessageBus Bus, SecretVault Vault, IServiceProvider Services, AuditContext Audit, CancellationToken Cancellation)
{
    private readonly Dictionary<string, object> found = new(StringComparer.Ordinal);

    /// <summary>What was decided on; null: nothing changes.</summary>
    internal AppendedChange? Appended { get; set; }

    /// <summary>Resources of another kind, by id, as their events say: what is decided by them must not go by a table that somebody may have
    /// changed.</summary>
    public Task<Dictionary<string, TResource>> FindAsync<TResource, TSettings>(IEnumerable<string> ids)
        where TResource : Resource<TSettings>, new()
        where TSettings : class =>
        Services.GetRequiredService<CurrentResources<TResource, TSettings>>()
            .FindAsync(Session, [.. ids.Distinct(StringComparer.Ordinal)], Cancellation);

    /// <summary>
    /// Looks something up once for the whole change: the many rules of a document refer to the same few things. Only for what is asked after all
    /// that it depends on was written.
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

/// <param name="Id">Of the resource.</param>
/// <param name="Settings">After the event; null: there are none.</param>
/// <param name="Confirmed">How many users its author has said that there are.</param>
internal sealed record AppendedChange(string Id, object Event, object? Settings, long? Confirmed = null);

/// <summary>Seals secrets for the installation that has the public key.</summary>
public sealed record SecretSealer(SecretVault Vault, string PublicKey, CancellationToken Cancellation)
{
    /// <param name="write">What the secret is part of, as it is entered.</param>
    public async Task<string> SealAsync(string purpose, SecretRef secret, Func<string, string> write) =>
        TransferKey.Seal(PublicKey, purpose, write(await Vault.RevealAsync(secret, Cancellation)));
}

/// <summary>Something that refers to a resource, or that a resource refers to.</summary>
public sealed record ResourceUser(string Kind, string Id, string Name, bool Enabled);

/// <summary>All that differs between one kind of configuration resource and another. The rest is the same for each:
/// <see cref="ResourceStore{TResource, TSettings}"/>.</summary>
public abstract class ResourceKind<TResource, TSettings>
    where TResource : Resource<TSettings>, new()
    where TSettings : class
{
    /// <summary><c>rule</c>: the prefix of ids, and the word used to people.</summary>
    public abstract string Noun { get; }

    /// <summary>The name of its table of read models, as Marten is told.</summary>
    public virtual string Table => Noun;

    /// <summary>What people call it.</summary>
    public virtual string Title => Noun;

    /// <summary><c>rules</c>: the segment of the address.</summary>
    public virtual string Plural => Noun + "s";

    /// <summary>By what a list is sorted when it is sorted by type; null when the kind has no types.</summary>
    public virtual Expression<Func<TResource, object>>? Type => null;

    /// <summary>What a caller needs who reads such resources.</summary>
    public virtual Permission Reading => Permission.ConfigurationRead;

    /// <summary>What a caller needs who changes them.</summary>
    public virtual Permission Changing => Permission.ConfigurationChange;

    /// <summary>The field by which the projection tells them apart: no two may have it in common.</summary>
    public virtual string UniqueField => "name";

    /// <summary>Those that come with Notify: they have no events, are listed before the others, and cannot be changed.</summary>
    public virtual IReadOnlyList<TResource> BuiltIn => [];

    public abstract object Created(string name, string description, TSettings settings);
    public abstract object Changed(string name, string description, TSettings settings);
    public abstract object Enabled();
    public abstract object Disabled();
    public abstract object Deleted();

    /// <summary>Reads settings from a request's body. Faults go to <paramref name="errors"/>; the result counts only when there are none.</summary>
    /// <param name="current">The stored settings when it is a replacement: secrets that were left out are taken from them.</param>
    public abstract Task<TSettings?> ReadAsync(JsonObject body, TSettings? current, ResourceChange change, Errors errors);

    /// <summary>The settings as a reader may see them: secrets only as fingerprints.</summary>
    public virtual JsonObject View(TSettings settings) => JsonSerializer.SerializeToNode(settings, NotifyJson.Options)!.AsObject();

    /// <summary>Checked before it is created, changed or enabled: that what it refers to exists and fits.</summary>
    public virtual Task CheckReferencesAsync(TSettings settings, ResourceChange change, Errors errors) => Task.CompletedTask;

    /// <summary>What is no fault of settings that are kept and yet not as one would expect, by field.</summary>
    public virtual Task WarnAsync(TSettings settings, IMessageBus bus, Errors warnings, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>The last word on a change, when all else fits: whether this caller may make it, and what must not be lost by it.</summary>
    /// <param name="before">Null: it is created.</param>
    /// <param name="after">As it would be; null: it is deleted. What follows from the event itself (version, instant, author) is not set.</param>
    public virtual Task GuardAsync(TResource? before, TResource? after, ResourceChange change) => Task.CompletedTask;

    /// <summary>Called when a change is on disk: what this node remembers of these resources for a while is out of date.</summary>
    public virtual void Committed()
    {
    }

    /// <summary>Called before resources are shown: looks up what <see cref="View"/> needs to know of others.</summary>
    public virtual Task LookUpAsync(IQuerySession session, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>What a read of the current state shows beside what was set up.</summary>
    /// <param name="shown">By id.</param>
    /// <param name="bodies">As the API shows them (<see cref="Body"/>).</param>
    public virtual Task AddStateAsync(
        IReadOnlyDictionary<string, TResource> shown, IReadOnlyList<JsonObject> bodies, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>What these settings refer to and what is there of it.</summary>
    public virtual Task<IReadOnlyList<ResourceUser>> UsedAsync(
        TSettings settings, IQuerySession session, IMessageBus bus, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<ResourceUser>>([]);

    /// <summary>Who refers to this resource.</summary>
    public virtual Task<IReadOnlyList<ResourceUser>> UsersAsync(string id, IQuerySession session, IMessageBus bus, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<ResourceUser>>([]);

    /// <summary>What enabled users of the resource need and would lose by this change, each as <c>rule 'Night' needs pager 'Line 2'</c>.</summary>
    public virtual Task<IReadOnlyList<string>> LossesAsync(string id, TSettings before, TSettings after, ResourceChange change) =>
        Task.FromResult<IReadOnlyList<string>>([]);

    /// <summary>
    /// While something enabled refers to it, it is disabled or deleted only by who says how many do (<c>?confirm=2</c>). Otherwise it is not deleted
    /// then, and disabled without asking.
    /// </summary>
    public virtual bool IsTakenFromUsers => false;

    /// <summary>Secrets are part of what is entered.</summary>
    public virtual bool TakesSecrets => false;

    /// <summary>All secrets these settings use.</summary>
    public virtual IEnumerable<SecretRef> Secrets(TSettings settings) => [];

    /// <summary>For a document that goes to one other installation: puts each secret, sealed, where a read shows it masked.</summary>
    public virtual Task SealSecretsAsync(JsonObject shown, TSettings settings, SecretSealer sealer) => Task.CompletedTask;

    /// <summary>The way back, before the settings are read. What cannot be opened goes to <paramref name="errors"/>.</summary>
    public virtual void OpenSecrets(JsonObject body, TransferKey key, Errors errors)
    {
    }

    /// <summary>For a document that goes elsewhere: exchanges the ids of other resources in the settings as shown for their names.</summary>
    /// <param name="nameOf">By kind and id; null for what is not there.</param>
    public virtual void ReplaceIds(JsonObject settings, Func<string, string, string?> nameOf)
    {
    }

    /// <summary>The way back.</summary>
    /// <param name="idOf">By kind and name; null for what is not there.</param>
    public virtual void ReplaceNames(JsonObject body, Func<string, string, string?> idOf, Errors errors)
    {
    }

    /// <summary>A resource as the API shows it: what all kinds have in common, then the kind's own settings.</summary>
    public JsonObject Body(TResource resource)
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
        foreach (var (name, value) in View(resource.Settings)) body[name] = value?.DeepClone();
        return body;
    }

    /// <summary>What a change is a change of: name, description, status and settings as a reader may see them, without the fields that change by
    /// themselves.</summary>
    public JsonObject Shown(string name, string description, bool enabled, TSettings settings)
    {
        var shown = new JsonObject { ["name"] = name, ["description"] = description, ["status"] = enabled ? "enabled" : "disabled" };
        foreach (var (field, value) in View(settings)) shown[field] = value?.DeepClone();
        return shown;
    }

    public JsonObject Shown(TResource resource) => Shown(resource.Name, resource.Description, resource.Enabled, resource.Settings);

    /// <summary>Exchanges a sealed text for what it holds.</summary>
    protected static void Open(JsonNode? owner, string field, string path, string purpose, TransferKey key, Errors errors)
    {
        if (owner is not JsonObject body || body[field] is not JsonValue value || value.GetValueKind() != JsonValueKind.String) return;
        if (value.GetValue<string>().Trim() is not { } text || !TransferKey.IsSealed(text)) return;
        if (key.Open(purpose, text) is { } opened) body[field] = opened;
        else errors.Add(path, "The secret is sealed for another installation, or was changed in transit.");
    }

    /// <summary>Deserializes a part of a body, naming what does not fit by its path.</summary>
    protected static T? Read<T>(JsonNode? node, string path, Errors errors)
        where T : class =>
        ResourceFields.Deserialize<T>(node, path, errors);
}
