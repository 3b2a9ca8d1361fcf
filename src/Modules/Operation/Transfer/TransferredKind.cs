using System.Text.Json.Nodes;
using Marten;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;

namespace Notify.Operation.Transfer;

/// <summary>How a document shows resources.</summary>
/// <param name="NameOf">The name of a resource, by kind and id.</param>
/// <param name="WithIds">Whether each has its id, which finds the resource here again whatever its name.</param>
/// <param name="Sealer">Null: secrets are left out.</param>
internal sealed record ExportOptions(Func<string, string, string?> NameOf, bool WithIds, SecretSealer? Sealer);

/// <summary>One kind of configuration resource as it goes into a document and comes out of one.</summary>
internal abstract class TransferredKind
{
    public abstract Task<JsonArray> ExportAsync(IQuerySession session, ExportOptions options, CancellationToken cancellation);

    /// <param name="names">The names of earlier kinds; those of this kind are added.</param>
    /// <param name="import">The import's id, from which those of new resources are derived.</param>
    public abstract Task<IKindImport> ReadAsync(
        JsonArray items, ResourceChange change, DocumentNames names, TransferKey key, string import, Errors errors);

    public static TransferredKind Of(ConfiguredKind kind) => kind.With(new Maker());

    private sealed class Maker : IKindWork<TransferredKind>
    {
        public TransferredKind Do<TResource, TSettings>(ResourceKind<TResource, TSettings> kind, CurrentResources<TResource, TSettings> resources)
            where TResource : Resource<TSettings>, new()
            where TSettings : class =>
            new TransferredKind<TResource, TSettings>(kind, resources);
    }
}

internal sealed class TransferredKind<TResource, TSettings>(
    ResourceKind<TResource, TSettings> kind, CurrentResources<TResource, TSettings> resources) : TransferredKind
    where TResource : Resource<TSettings>, new()
    where TSettings : class
{
    public override async Task<JsonArray> ExportAsync(IQuerySession session, ExportOptions options, CancellationToken cancellation)
    {
        var items = new JsonArray();
        foreach (var resource in (await resources.AllAsync(session, cancellation)).OrderBy(x => x.NameKey, StringComparer.Ordinal))
        {
            var item = kind.Shown(resource);
            if (options.WithIds) item.Insert(0, "id", resource.Id);
            if (options.Sealer is not null) await SealAsync(item, resource, options.Sealer);
            kind.ReplaceIds(item, options.NameOf);
            items.Add(item);
        }

        return items;
    }

    /// <exception cref="ProblemException">409: a secret cannot be read.</exception>
    private async Task SealAsync(JsonObject item, TResource resource, SecretSealer sealer)
    {
        try
        {
            await kind.SealSecretsAsync(item, resource.Settings, sealer);
        }
        catch (SecretUnreadableException e)
        {
            throw ProblemException.Conflict(
                $"A secret of {kind.Title} '{resource.Name}' cannot be read: {e.Message} Enter it again, or export without secrets.");
        }
    }

    public override async Task<IKindImport> ReadAsync(
        JsonArray items, ResourceChange change, DocumentNames names, TransferKey key, string import, Errors errors)
    {
        var stored = await resources.AllAsync(change.Session, change.Cancellation);
        var reading = new DocumentReader<TResource, TSettings>(kind, stored, change, names, key, import);
        // Only kinds that take secrets contain them. Those kinds come first, so their secrets are known by now and are masked here.
        if (!kind.TakesSecrets) items = change.Vault.Mask(items).AsArray();
        foreach (var (i, node) in items.Index())
        {
            // Nobody needs more than a hundred faults at once.
            if (errors.IsFull) break;
            await reading.ReadAsync($"{kind.Plural}[{i}]", node, errors);
        }

        reading.CheckNamesLeft(errors);
        return new KindImport<TResource, TSettings>(kind, change, stored, reading.Items);
    }
}
