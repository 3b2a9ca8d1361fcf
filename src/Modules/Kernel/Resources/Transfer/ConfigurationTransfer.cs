using System.Text.Json.Nodes;
using Marten;
using Marten.Services;
using Notify.Kernel.Events;
using Notify.Kernel.Secrets;
using Npgsql;
using Wolverine;

namespace Notify.Kernel.Resources.Transfer;

/// <summary>The configuration left as a document. Stream <c>export-…</c>.</summary>
public sealed record ConfigurationExported(string Format, IReadOnlyDictionary<string, int> Resources);

/// <summary>A document was applied; each change has an event of its own too. Stream <c>import-…</c>.</summary>
public sealed record ConfigurationImported(bool Prune, IReadOnlyList<ImportedResource> Resources);

public sealed record ImportedResource(string Kind, string Name, string Change);

/// <summary>The whole configuration as one document without secrets, its resources referring to each other by name, so that it fits another installation.</summary>
public sealed class ConfigurationTransfer(
    IEnumerable<TransferredKind> kinds, IDocumentStore store, NpgsqlDataSource database, IMessageBus bus, SecretVault vault, EventBatch events, TimeProvider time)
{
    private const string VersionField = "notify";
    private const int Version = 1;

    private readonly TransferredKind[] kinds = [.. kinds];

    public async Task<JsonObject> ExportAsync(string format, AuditContext audit, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        var names = new Dictionary<string, Dictionary<string, string>>(StringComparer.Ordinal);
        foreach (var kind in kinds) names[kind.Noun] = await kind.NamesAsync(session, cancellation);
        var document = new JsonObject { [VersionField] = Version };
        foreach (var kind in kinds)
            document[kind.Plural] = await kind.ExportAsync(session, (noun, id) => names[noun].GetValueOrDefault(id), cancellation);

        events.Append(Ids.New("export", time.GetUtcNow()), 1, new ConfigurationExported(format, names.ToDictionary(x => x.Key, x => x.Value.Count, StringComparer.Ordinal)), audit);
        events.QueueTo(session);
        await session.SaveChangesAsync(cancellation);
        return document;
    }

    /// <summary>All or nothing: one transaction. A dry run does everything up to the commit, so it finds what applying would find.</summary>
    /// <param name="prune">Whether what the document lacks is deleted, in the kinds that it lists.</param>
    public async Task<IReadOnlyList<TransferChange>> ImportAsync(JsonObject document, bool dryRun, bool prune, AuditContext audit, CancellationToken cancellation)
    {
        CheckShape(document);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var session = store.LightweightSession(SessionOptions.ForTransaction(transaction));
        audit.ApplyTo(session);
        await ConfigurationStamp.AdvanceAsync(session, cancellation);
        ChangeUnderWay.Begin(session);
        var change = new ResourceChange(session, bus, vault, audit, cancellation);

        var transfers = new List<TransferredKind.ITransfer>();
        var ids = new Dictionary<string, Dictionary<string, string>>(StringComparer.Ordinal);
        foreach (var kind in kinds)
        {
            if (document[kind.Plural] is JsonArray items)
            {
                var errors = new Errors();
                var transfer = await kind.ReadAsync(items, change, time.GetUtcNow, (noun, name) => ids.GetValueOrDefault(noun)?.GetValueOrDefault(ResourceName.KeyOf(name)), errors);
                errors.ThrowIfAny();
                await transfer.WriteAsync(errors);
                errors.ThrowIfAny();
                await SaveAsync(session, cancellation);
                transfers.Add(transfer);
            }

            ids[kind.Noun] = (await kind.NamesAsync(session, cancellation)).ToDictionary(x => ResourceName.KeyOf(x.Value), x => x.Key, StringComparer.Ordinal);
        }

        foreach (var transfer in transfers.AsEnumerable().Reverse())
        {
            if (prune) await transfer.DeleteOthersAsync();
            transfer.SwitchOff();
            await SaveAsync(session, cancellation);
        }

        var changes = transfers.SelectMany(x => x.Changes).ToList();
        if (dryRun || changes.Count == 0) return changes; // what is not committed is undone
        events.Append(Ids.New("import", time.GetUtcNow()), 1, new ConfigurationImported(prune, [.. changes.Select(x => new ImportedResource(x.Kind, x.Name, x.Change))]), audit);
        events.QueueTo(session);
        await SaveAsync(session, cancellation);
        await transaction.CommitAsync(cancellation);
        return changes;
    }

    private void CheckShape(JsonObject document)
    {
        var errors = new Errors();
        foreach (var (name, value) in document)
        {
            if (name == VersionField)
            {
                if (value?.ToJsonString() != "1") errors.Add(name, $"This version reads documents of version {Version}.");
            }
            else if (kinds.All(x => x.Plural != name)) errors.Add(name, $"This section does not exist; there are {string.Join(", ", kinds.Select(x => x.Plural))}.");
            else if (value is not (null or JsonArray)) errors.Add(name, "Give a list.");
        }

        errors.ThrowIfAny();
    }

    private static async Task SaveAsync(IDocumentSession session, CancellationToken cancellation)
    {
        try
        {
            await session.SaveChangesAsync(cancellation);
        }
        catch (Exception e) when (WriteConflict.Is(e))
        {
            throw ProblemException.Conflict("A name of the document is already used, or the configuration was changed at the same time.");
        }
    }
}
