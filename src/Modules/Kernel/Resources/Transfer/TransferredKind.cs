using System.Text.Json.Nodes;
using JasperFx.Events;
using Marten;
using Notify.Kernel.Secrets;

namespace Notify.Kernel.Resources.Transfer;

/// <summary>How a document is written.</summary>
/// <param name="NameOf">By kind and id; null for what is not there.</param>
/// <param name="WithIds">So that the document finds a resource here again whatever its name.</param>
/// <param name="Sealer">Null: secrets are left out.</param>
internal sealed record ExportForm(Func<string, string, string?> NameOf, bool WithIds, SecretSealer? Sealer);

/// <summary>One kind of configuration resource as it goes into a document and comes out of one. Registered in an order in which none refers to a later one.</summary>
public abstract class TransferredKind
{
    public abstract string Noun { get; }
    public abstract string Plural { get; }

    /// <summary>The names of all, by id.</summary>
    internal abstract Task<Dictionary<string, string>> NamesAsync(IQuerySession session, CancellationToken cancellation);

    /// <summary>The secrets that all of them use, as this connection sees their events.</summary>
    internal abstract Task<IReadOnlyList<SecretInUse>> SecretsInUseAsync(Npgsql.NpgsqlConnection snapshot, CancellationToken cancellation);

    internal abstract Task<JsonArray> ExportAsync(IQuerySession session, ExportForm form, CancellationToken cancellation);

    /// <summary>The resources that follow from these events, by stream; by id, sorted by name, as the API shows them.</summary>
    internal abstract Dictionary<string, JsonObject> Fold(ILookup<string, IEvent> events);

    internal abstract void ReplaceIds(JsonObject resource, Func<string, string, string?> nameOf);

    /// <param name="names">Of the kinds before; this one's are added.</param>
    internal abstract Task<ITransfer> ReadAsync(JsonArray items, ResourceChange change, DocumentNames names, TransferKey key, DateTimeOffset now, Errors errors);
}

public sealed class TransferredKind<TResource, TSettings>(
    ResourceKind<TResource, TSettings> kind, ResourceProjection<TResource, TSettings> projection, CurrentResources<TResource, TSettings> resources) : TransferredKind
    where TResource : Resource<TSettings>, new()
    where TSettings : class
{
    public override string Noun => kind.Noun;
    public override string Plural => kind.Plural;

    internal override async Task<Dictionary<string, string>> NamesAsync(IQuerySession session, CancellationToken cancellation) =>
        (await resources.AllAsync(session, cancellation)).ToDictionary(x => x.Id, x => x.Name, StringComparer.Ordinal);

    internal override async Task<IReadOnlyList<SecretInUse>> SecretsInUseAsync(Npgsql.NpgsqlConnection snapshot, CancellationToken cancellation) =>
        [.. from x in await resources.FoldAllAsync(snapshot, cancellation) from secret in kind.Secrets(x.Settings) select new SecretInUse(Noun, x.Id, x.Name, secret)];

    internal override async Task<JsonArray> ExportAsync(IQuerySession session, ExportForm form, CancellationToken cancellation)
    {
        var items = new JsonArray();
        foreach (var resource in (await resources.AllAsync(session, cancellation)).OrderBy(x => x.NameKey, StringComparer.Ordinal))
        {
            var item = kind.Shown(resource);
            if (form.WithIds) item.Insert(0, "id", resource.Id);
            if (form.Sealer is not null) await kind.SealSecretsAsync(item, resource.Settings, form.Sealer);
            kind.ReplaceIds(item, form.NameOf);
            items.Add(item);
        }

        return items;
    }

    internal override Dictionary<string, JsonObject> Fold(ILookup<string, IEvent> events) =>
        events.Where(x => x.Key.StartsWith(Noun + "-", StringComparison.Ordinal))
            .Select(stream => stream.Aggregate((TResource?)null, (state, e) => projection.Evolve(state, stream.Key, e)))
            .OfType<TResource>().OrderBy(x => x.NameKey, StringComparer.Ordinal)
            .ToDictionary(x => x.Id, x => ResourceEndpoints.Body(kind, x), StringComparer.Ordinal);

    internal override void ReplaceIds(JsonObject resource, Func<string, string, string?> nameOf) => kind.ReplaceIds(resource, nameOf);

    internal override async Task<ITransfer> ReadAsync(
        JsonArray items, ResourceChange change, DocumentNames names, TransferKey key, DateTimeOffset now, Errors errors)
    {
        var stored = await resources.AllAsync(change.Session, change.Cancellation);
        var reading = new DocumentReader<TResource, TSettings>(kind, stored, change, names, key, now);
        foreach (var (i, node) in items.Index())
        {
            // Nobody mends a document by its hundred-and-first fault.
            if (errors.IsFull) break;
            await reading.ReadAsync($"{Plural}[{i}]", node, errors);
        }

        reading.CheckNamesLeft(errors);
        return new Transfer<TResource, TSettings>(kind, change, stored, reading.Items);
    }
}
