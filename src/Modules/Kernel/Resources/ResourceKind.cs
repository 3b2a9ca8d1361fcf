using System.Text.Json;
using System.Text.Json.Nodes;
using Marten;
using Notify.Kernel.Secrets;
using Wolverine;

namespace Notify.Kernel.Resources;

/// <summary>What a change of configuration runs in: one transaction, one author, one moment.</summary>
public sealed record ResourceChange(IDocumentSession Session, IMessageBus Bus, SecretVault Vault, AuditContext Audit, CancellationToken Cancellation);

/// <summary>Something that refers to a resource.</summary>
public sealed record ResourceUser(string Kind, string Id, string Name, bool Enabled);

/// <summary>All that differs between one kind of configuration resource and another. The rest is the same for each: <see cref="ResourceStore{TResource, TSettings}"/>.</summary>
public abstract class ResourceKind<TResource, TSettings>
    where TResource : Resource<TSettings>, new()
    where TSettings : class
{
    /// <summary><c>rule</c>: the prefix of ids, and the word used to people.</summary>
    public abstract string Noun { get; }

    /// <summary><c>rules</c>: the segment of the address.</summary>
    public string Plural => Noun + "s";

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

    /// <summary>Who refers to this resource.</summary>
    public virtual Task<IReadOnlyList<ResourceUser>> UsersAsync(string id, IQuerySession session, IMessageBus bus, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<ResourceUser>>([]);

    /// <summary>The references of all secrets these settings use.</summary>
    public virtual IEnumerable<string> Secrets(TSettings settings) => [];

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

    /// <summary>Deserializes a part of a body, naming what does not fit by its path.</summary>
    protected static T? Read<T>(JsonNode? node, string path, Errors errors)
        where T : class
    {
        try
        {
            return node.Deserialize<T>(NotifyJson.Strict);
        }
        catch (JsonException e)
        {
            var (field, message) = JsonFault.Describe(e);
            errors.Add(JsonFault.Join(path, field), message);
            return null;
        }
    }
}
