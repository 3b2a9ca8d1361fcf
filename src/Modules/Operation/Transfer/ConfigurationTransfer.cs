using System.Data;
using System.Text.Json.Nodes;
using Marten;
using Marten.Services;
using Microsoft.Extensions.Configuration;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;
using Npgsql;
using Wolverine;

namespace Notify.Operation.Transfer;

/// <summary>The configuration left as a document. Stream <c>export-…</c>.</summary>
/// <param name="SealedFor">The recipient for whom secrets were sealed; null when they were left out.</param>
public sealed record ConfigurationExported(string Format, IReadOnlyDictionary<string, int> Resources, string? SealedFor = null);

/// <summary>A document was applied; each change has an event of its own too. Stream <c>import-…</c>.</summary>
/// <param name="Resources">What it changed; empty when all was so already.</param>
public sealed record ConfigurationImported(bool Prune, IReadOnlyList<ImportedResource> Resources);

public sealed record ImportedResource(string Kind, string Name, string Change);

/// <summary>For whom secrets are sealed: the name that this installation's settings give the recipient, and its public key.</summary>
public sealed record TransferRecipient(string Name, string PublicKey);

/// <summary>The whole configuration as one document, its resources referring to each other by name, so that it fits another installation.</summary>
public sealed class ConfigurationTransfer(
    IEnumerable<ConfiguredKind> kinds, IDocumentStore store, NpgsqlDataSource database, IMessageBus bus, SecretVault vault, TransferKey key,
    ChangeTurns turns, IServiceProvider services, EventBatches batches, IConfiguration settings, TimeProvider time)
{
    private const string RecipientSettings = "Notify:Transfer:Recipients";
    private const string VersionField = "notify";
    private const int Version = 1;

    /// <summary>Who reads the configuration does not read people with it.</summary>
    private readonly ConfiguredKind[] kinds = [.. kinds.Where(x => x.Reading == Permission.ConfigurationRead)];

    /// <summary>One of those that this installation's settings name.</summary>
    /// <exception cref="ProblemException">400: there is none of this name, or the setting is no public key.</exception>
    public TransferRecipient RecipientNamed(string? name)
    {
        var known = settings.GetSection(RecipientSettings).GetChildren().ToList();
        if (known.FirstOrDefault(x => x.Key.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } found)
        {
            return TransferKey.IsPublicKey(found.Value ?? "")
                ? new TransferRecipient(found.Key, found.Value!)
                : throw ProblemException.Invalid(
                    "recipient",
                    $"The setting {RecipientSettings}:{found.Key} is not a public key. Copy it from GET /api/v1/configuration/recipient of that installation.");
        }

        throw ProblemException.Invalid("recipient", known.Count == 0
            ? $"This installation's settings contain no recipient ({RecipientSettings})."
            : $"Give one of the recipients in this installation's settings: {string.Join(", ", known.Select(x => x.Key))}.");
    }

    /// <param name="withIds">For a document that comes back here: what it says of a resource holds for it also when its name was changed.</param>
    /// <param name="recipient">Null: secrets are left out.</param>
    public async Task<JsonObject> ExportAsync(
        string format, bool withIds, TransferRecipient? recipient, AuditContext audit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        // All of it as it was at one moment.
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        await using var session = store.LightweightSession(SessionOptions.ForTransaction(transaction));
        var names = new Dictionary<string, Dictionary<string, string>>(StringComparer.Ordinal);
        foreach (var kind in kinds) names[kind.Noun] = await kind.NamesAsync(session, cancellation);
        var sealer = recipient is null ? null : new SecretSealer(vault, recipient.PublicKey, cancellation);
        var options = new ExportOptions((noun, id) => names[noun].GetValueOrDefault(id), withIds, sealer);
        var document = new JsonObject { [VersionField] = Version };
        foreach (var kind in kinds) document[kind.Plural] = await TransferredKind.Of(kind).ExportAsync(session, options, cancellation);

        var counts = names.ToDictionary(x => x.Key, x => x.Value.Count, StringComparer.Ordinal);
        var events = batches.New();
        events.Append(Ids.New("export", time.GetUtcNow()), 1, new ConfigurationExported(format, counts, recipient?.Name), audit);
        events.QueueTo(session);
        await session.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return document;
    }

    /// <summary>All or nothing: one transaction. A dry run does everything up to the commit, so it finds what applying would find.</summary>
    /// <param name="prune">Whether what the document lacks is deleted, in the kinds that it lists.</param>
    public async Task<IReadOnlyList<TransferChange>> ImportAsync(
        JsonObject document, bool dryRun, bool prune, AuditContext audit, CancellationToken cancellation)
    {
        CheckShape(document);
        using var turn = await turns.TakeAsync(cancellation);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var session = store.LightweightSession(SessionOptions.ForTransaction(transaction));
        audit.ApplyTo(session);
        await ConfigurationStamp.AdvanceAsync(session, cancellation);
        // Chosen when nobody else can change anything any more: after all changes before it.
        var now = time.GetUtcNow();
        using var change = ChangeUnderWay.Begin(session, now);

        var imports = await WriteAsync(document, new ResourceChange(session, bus, vault, services, audit, cancellation));
        foreach (var import in imports.AsEnumerable().Reverse())
        {
            if (prune) await import.DeleteOthersAsync();
            import.SwitchOff();
            await SaveAsync(session, cancellation);
        }

        var losses = new List<string>();
        foreach (var import in imports) losses.AddRange(await import.LossesAsync());
        if (losses.Count > 0) throw ResourceInUse.Lost(losses);

        var changes = imports.SelectMany(x => x.Changes).ToList();
        if (dryRun) return changes; // what is not committed is undone
        var events = batches.New();
        events.Append(Ids.New("import", time.GetUtcNow()), 1,
            new ConfigurationImported(prune, [.. changes.Select(x => new ImportedResource(x.Kind, x.Name, x.Change))]), audit);
        events.QueueTo(session, now);
        await SaveAsync(session, cancellation);
        await transaction.CommitAsync(cancellation);
        return changes;
    }

    /// <summary>Also what a faulty document has that is whole, since only then all its faults are found; nothing of it is committed.</summary>
    private async Task<List<IKindImport>> WriteAsync(JsonObject document, ResourceChange change)
    {
        var (errors, names, imports) = (new Errors(), new DocumentNames(), new List<IKindImport>());
        foreach (var kind in kinds)
        {
            if (document[kind.Plural] is JsonArray items)
                imports.Add(await TransferredKind.Of(kind).ReadAsync(items, change, names, key, time.GetUtcNow(), errors));
            else
                foreach (var (id, name) in await kind.NamesAsync(change.Session, change.Cancellation)) names.Add(kind.Noun, name, id);
        }

        if (errors.IsFull) errors.ThrowIfAny();
        foreach (var import in imports)
        {
            await import.WriteAsync(errors);
            await SaveAsync(change.Session, change.Cancellation);
        }

        errors.ThrowIfAny();
        return imports;
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
            else if (kinds.All(x => x.Plural != name)) errors.Add(name, errors.IsFull
                ? "" : Misspelling.Of("section", name, [.. kinds.Select(x => x.Plural)]));
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
            // Names that only move on from one to the next are unique before and after, but not on the way.
            throw ProblemException.Conflict(
                "A name of the document is still used by another resource. Change the names in two documents, one after the other.");
        }
    }
}
