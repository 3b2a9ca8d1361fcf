using System.Text.Json.Nodes;
using JasperFx.Events;
using Marten;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Kernel.Resources;

/// <summary>A kind of configuration resource, for code that handles all kinds. Registered in an order in which none refers to a later one.</summary>
public abstract class ConfiguredKind
{
    public abstract string Noun { get; }
    public abstract string Plural { get; }

    /// <inheritdoc cref="ResourceKind{TResource, TSettings}.Reading"/>
    public abstract Permission Reading { get; }

    /// <summary>The unique names of all resources, by id.</summary>
    public abstract Task<Dictionary<string, string>> NamesAsync(IQuerySession session, CancellationToken cancellation);

    /// <summary>Runs work that needs the types of the kind.</summary>
    public abstract T With<T>(IKindWork<T> work);

    /// <summary>The secrets used by all resources, according to their events as this connection sees them.</summary>
    internal abstract Task<IReadOnlyList<SecretInUse>> SecretsInUseAsync(Npgsql.NpgsqlConnection snapshot, CancellationToken cancellation);

    /// <summary>The names of the resources that come with Notify, by id.</summary>
    internal abstract IReadOnlyDictionary<string, string> BuiltIn { get; }

    /// <summary>The resources derived from these events (by stream), in the form of the API but with ids (<see cref="ReplaceIds"/>); by id, sorted by
    /// name.</summary>
    internal abstract Dictionary<string, JsonObject> Fold(ILookup<string, IEvent> events);

    internal abstract void ReplaceIds(JsonObject resource, Func<string, string, string?> nameOf);
}

/// <summary>Work done with each kind, whatever its types are.</summary>
public interface IKindWork<out T>
{
    T Do<TResource, TSettings>(ResourceKind<TResource, TSettings> kind, CurrentResources<TResource, TSettings> resources)
        where TResource : Resource<TSettings>, new()
        where TSettings : class;
}

internal sealed class ConfiguredKind<TResource, TSettings>(
    ResourceKind<TResource, TSettings> kind, ResourceProjection<TResource, TSettings> projection,
    CurrentResources<TResource, TSettings> resources) : ConfiguredKind
    where TResource : Resource<TSettings>, new()
    where TSettings : class
{
    public override string Noun => kind.Noun;
    public override string Plural => kind.Plural;
    public override Permission Reading => kind.Reading;

    public override async Task<Dictionary<string, string>> NamesAsync(IQuerySession session, CancellationToken cancellation) =>
        (await resources.AllAsync(session, cancellation))
            .ToDictionary(x => x.Id, x => projection.UniqueOf(x.Name, x.Settings), StringComparer.Ordinal);

    public override T With<T>(IKindWork<T> work) => work.Do(kind, resources);

    internal override async Task<IReadOnlyList<SecretInUse>> SecretsInUseAsync(Npgsql.NpgsqlConnection snapshot, CancellationToken cancellation) =>
        [.. from x in await resources.FoldAllAsync(snapshot, cancellation) from secret in kind.Secrets(x.Settings) select new SecretInUse(
            Noun, x.Id, x.Name, secret)];

    internal override IReadOnlyDictionary<string, string> BuiltIn { get; } =
        kind.BuiltIn.ToDictionary(x => x.Id, x => x.Name, StringComparer.Ordinal);

    internal override Dictionary<string, JsonObject> Fold(ILookup<string, IEvent> events) =>
        events.Where(x => x.Key.StartsWith(Noun + "-", StringComparison.Ordinal))
            .Select(stream => stream.Aggregate((TResource?)null, (state, e) => projection.Evolve(state, stream.Key, e)))
            .OfType<TResource>().OrderBy(x => x.NameKey, StringComparer.Ordinal)
            .ToDictionary(x => x.Id, x => kind.BodyWithIds(x), StringComparer.Ordinal);

    internal override void ReplaceIds(JsonObject resource, Func<string, string, string?> nameOf) => kind.ReplaceIds(resource, nameOf);
}
