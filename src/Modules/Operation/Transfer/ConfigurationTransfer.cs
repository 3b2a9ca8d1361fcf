using System.Data;
using System.Text.Json;
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

/// <summary>The configuration was exported as a document. Stream <c>export-…</c>.</summary>
/// <param name="SealedFor">The recipient for whom secrets were sealed; null when they were left out.</param>
public sealed record ConfigurationExported(string Format, IReadOnlyDictionary<string, int> Resources, string? SealedFor = null);

/// <summary>A document was applied; each change has an event of its own too. Stream <c>import-…</c>.</summary>
/// <param name="Resources">What it changed; empty if nothing differed.</param>
public sealed record ConfigurationImported(bool Prune, IReadOnlyList<ImportedResource> Resources);

public sealed record ImportedResource(string Kind, string Name, string Change);

/// <param name="InUse">What is disabled or deleted although something enabled still uses it.</param>
public sealed record Imported(IReadOnlyList<TransferChange> Changes, IReadOnlyList<UsedResource> InUse);

/// <summary>For whom secrets are sealed: the name that this installation's settings give the recipient, and its public key.</summary>
public sealed record TransferRecipient(string Name, string PublicKey);

/// <summary>Exports and imports the whole configuration as one document, in which resources refer to each other by name, so that it fits another
/// installation.</summary>
public sealed class ConfigurationTransfer(
    IEnumerable<ConfiguredKind> kinds, IDocumentStore store, NpgsqlDataSource database, IMessageBus bus, SecretVault vault, TransferKey key,
    ChangeTurns turns, IApprovals approvals, IServiceProvider services, EventBatches batches, IConfiguration settings, TimeProvider time)
    : IApprovedChanges
{
    private const string RecipientSettings = "Notify:Transfer:Recipients";
    private const string VersionField = "notify";
    private const int Version = 1;

    /// <summary>The kind under which a document is proposed.</summary>
    private const string Kind = "configuration";

    /// <summary>The kinds that are transferred. The permission to read the configuration does not include people.</summary>
    private readonly ConfiguredKind[] kinds = [.. kinds.Where(x => x.Reading == Permission.ConfigurationRead)];

    /// <summary>The kinds that a document only refers to, by name.</summary>
    private readonly ConfiguredKind[] others = [.. kinds.Where(x => x.Reading != Permission.ConfigurationRead)];

    /// <summary>Finds a recipient in this installation's settings.</summary>
    /// <exception cref="ProblemException">400: there is none with this name, or the setting is not a public key.</exception>
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

    /// <param name="withIds">Whether to include ids, for a document that is to be imported here again: they identify resources whose names have
    /// changed.</param>
    /// <param name="recipient">Null: secrets are left out.</param>
    /// <exception cref="ProblemException">409: a secret cannot be read.</exception>
    public async Task<JsonObject> ExportAsync(
        string format, bool withIds, TransferRecipient? recipient, AuditContext audit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        // In one snapshot.
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        await using var session = store.LightweightSession(SessionOptions.ForTransaction(transaction));
        var names = new Dictionary<string, Dictionary<string, string>>(StringComparer.Ordinal);
        foreach (var kind in kinds.Concat(others)) names[kind.Noun] = await kind.NamesAsync(session, cancellation);
        var sealer = recipient is null ? null : new SecretSealer(vault, recipient.PublicKey, cancellation);
        var options = new ExportOptions((noun, id) => names[noun].GetValueOrDefault(id), withIds, sealer);
        var document = new JsonObject { [VersionField] = Version };
        foreach (var kind in kinds) document[kind.Plural] = await TransferredKind.Of(kind).ExportAsync(session, options, cancellation);

        var counts = kinds.ToDictionary(x => x.Noun, x => names[x.Noun].Count, StringComparer.Ordinal);
        var events = batches.New();
        events.Append(Ids.New("export", time.GetUtcNow()), 1, new ConfigurationExported(format, counts, recipient?.Name), audit);
        events.QueueTo(session);
        await session.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return document;
    }

    /// <summary>Applies a document in one transaction, all or nothing. A dry run does everything up to the commit, so it finds what applying would
    /// find.</summary>
    /// <param name="prune">Whether to delete resources that the document lacks, within the kinds that it lists.</param>
    /// <param name="confirmed">The number of enabled users, as the caller knows it, that the disabled and deleted resources still have
    /// afterwards.</param>
    /// <exception cref="ProblemException">409: the number of users is not the confirmed one; not for a dry run, which returns the number.</exception>
    public Task<Imported> ImportAsync(
        JsonObject document, bool dryRun, bool prune, long? confirmed, AuditContext audit, CancellationToken cancellation) =>
        ImportAsync(new Import(Ids.New("import", time.GetUtcNow()), document, prune, confirmed, null), dryRun, audit, cancellation);

    IReadOnlyCollection<string> IApprovedChanges.Kinds => [Kind];

    /// <summary>The document is stored sealed, because it may contain secrets. As a whole it is none: its words are those of everyday
    /// texts.</summary>
    async Task IApprovedChanges.MakeAsync(ChangeToApprove change, AuditContext audit, CancellationToken cancellation)
    {
        await ImportAsync(await ProposedAsync(change, cancellation), dryRun: false, audit, cancellation);
    }

    private async Task<Import> ProposedAsync(ChangeToApprove change, CancellationToken cancellation)
    {
        try
        {
            var input = change.Input.Deserialize<ProposedImport>(NotifyJson.Options)!;
            var document = JsonNode.Parse(await vault.RevealForAsync(input.Import, input.Document, cancellation))!.AsObject();
            return new(input.Import, document, input.Prune, input.Confirm, [input.Document, .. change.NewSecrets]);
        }
        catch (Exception e) when (e is SecretUnreadableException || EventRecord.IsUnreadable(e))
        {
            throw ProblemException.Conflict("The proposal on record cannot be read: somebody has changed it.");
        }
    }

    /// <param name="Id">The id of its record, from which the ids of created resources are derived.</param>
    /// <param name="Sealed">The proposed document and its secrets; null: it was not proposed.</param>
    private sealed record Import(string Id, JsonObject Document, bool Prune, long? Confirmed, IReadOnlyList<SecretRef>? Sealed);

    /// <param name="Confirm">The number of users that its author has confirmed; the approval is for that number.</param>
    private sealed record ProposedImport(string Import, SecretRef Document, bool Prune, long? Confirm = null);

    private async Task<Imported> ImportAsync(Import import, bool dryRun, AuditContext audit, CancellationToken cancellation)
    {
        CheckShape(import.Document);
        using var turn = await turns.TakeAsync(cancellation);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var session = store.LightweightSession(SessionOptions.ForTransaction(transaction));
        await ConfigurationStamp.AdvanceAsync(session, cancellation);
        // Chosen under the lock, so that it is later than all earlier changes.
        var now = time.GetUtcNow();
        if (!dryRun && await approvals.AskAsync(session, audit, cancellation))
            audit = await PassAsync(import, transaction, audit, now, cancellation);
        audit.ApplyTo(session);

        var (imports, taken) = await ChangeAsync(import, session, audit, now, cancellation);
        var changes = imports.SelectMany(x => x.Changes).ToList();
        if (dryRun) return new(changes, taken); // what is not committed is undone
        ResourceInUse.ThrowIfUnconfirmed(taken, import.Confirmed);
        var events = batches.New();
        events.Append(import.Id, 1,
            new ConfigurationImported(import.Prune, [.. changes.Select(x => new ImportedResource(x.Kind, x.Name, x.Change))]), audit);
        events.QueueTo(session, now);
        await SaveAsync(session, cancellation);
        await transaction.CommitAsync(cancellation);
        return new(changes, taken);
    }

    /// <summary>Finds the changes of a document by making them, rolls them back, and proposes them.</summary>
    /// <exception cref="ChangeProposedException">The import waits for approval.</exception>
    private async Task<AuditContext> PassAsync(
        Import import, NpgsqlTransaction transaction, AuditContext audit, DateTimeOffset now, CancellationToken cancellation)
    {
        const string Unchanged = "unchanged";
        await transaction.SaveAsync(Unchanged, cancellation);
        List<IKindImport> tried;
        IReadOnlyList<UsedResource> taken;
        await using (var trial = store.LightweightSession(SessionOptions.ForTransaction(transaction)))
            (tried, taken) = await ChangeAsync(import, trial, audit, now, cancellation);
        ResourceInUse.ThrowIfUnconfirmed(taken, import.Confirmed);
        // Stored again with the proposal, so that every node knows them and records none of them.
        var secrets = import.Sealed is null ? await SecretVault.CopyAsync(transaction, [.. tried.SelectMany(x => x.NewSecrets)], cancellation) : [];
        await transaction.RollbackAsync(Unchanged, cancellation);
        var changes = tried.SelectMany(x => x.Changes).ToList();
        if (changes.Count == 0) return import.Sealed is null ? audit : throw new NothingToChangeException([.. tried.SelectMany(x => x.BasedOn)]);

        await using var session = store.LightweightSession(SessionOptions.ForTransaction(transaction));
        var document = import.Sealed is [var kept, ..] ? kept : vault.StoreFor(import.Id, session, import.Document.ToJsonString(NotifyJson.Options));
        SecretVault.Restore(session, secrets);
        var change = new ChangeToApprove(
            Kind, "import", null, $"{changes.Count} changes",
            [
                .. from x in changes
                   from field in x.Change == "delete" ? [new FieldChange("", x.Name, null)] : x.Changes
                   select field with { Path = $"{x.Kind}[{x.Name}]{(field.Path.Length == 0 ? "" : $".{field.Path}")}" },
            ],
            [.. tried.SelectMany(x => x.BasedOn)],
            JsonSerializer.SerializeToNode(new ProposedImport(import.Id, document, import.Prune, import.Confirmed), NotifyJson.Options)!.AsObject())
        {
            OtherKinds = [.. changes.Select(x => x.Kind).Distinct(StringComparer.Ordinal)],
            NewSecrets = import.Sealed ?? [document, .. secrets.Select(x => x.Secret)],
        };
        audit = await approvals.PassAsync(session, change, audit, () => transaction.CommitAsync(cancellation), cancellation);
        // Only a proposal keeps the document.
        SecretVault.Destroy(session, change.NewSecrets, []);
        await session.SaveChangesAsync(cancellation);
        return audit;
    }

    private async Task<(List<IKindImport> Imports, IReadOnlyList<UsedResource> Taken)> ChangeAsync(
        Import import, IDocumentSession session, AuditContext audit, DateTimeOffset now, CancellationToken cancellation)
    {
        var change = new ResourceChange(session, bus, vault, services, audit, cancellation);
        var errors = new Errors();
        // Not in the course of the change yet: what there is before it is committed, and need not be read again by the next.
        var imports = await ReadAsync(import, change, errors);
        using var underWay = ChangeUnderWay.Begin(session, now);
        await WriteAsync(imports, change, errors);
        foreach (var x in imports.AsEnumerable().Reverse())
        {
            if (import.Prune) await x.DeleteOthersAsync();
            x.SwitchOff();
            await SaveAsync(session, cancellation);
        }

        var losses = new List<string>();
        foreach (var x in imports) losses.AddRange(await x.LossesAsync());
        if (losses.Count > 0) throw ResourceInUse.Lost(losses);
        var taken = new List<UsedResource>();
        foreach (var x in imports) taken.AddRange(await x.TakenAsync());
        return (imports, taken);
    }

    private async Task<List<IKindImport>> ReadAsync(Import import, ResourceChange change, Errors errors)
    {
        var (names, imports) = (new DocumentNames(), new List<IKindImport>());
        foreach (var kind in others.Concat(kinds))
        {
            if (kinds.Contains(kind) && import.Document[kind.Plural] is JsonArray items)
                imports.Add(await TransferredKind.Of(kind).ReadAsync(items, change, names, key, import.Id, errors));
            else
                foreach (var (id, name) in await kind.NamesAsync(change.Session, change.Cancellation)) names.Add(kind.Noun, name, id);
        }

        if (errors.IsFull) errors.ThrowIfAny();
        return imports;
    }

    /// <summary>Writes also the sound resources of a faulty document, because only then are all its faults found; nothing of it is
    /// committed.</summary>
    private static async Task WriteAsync(List<IKindImport> imports, ResourceChange change, Errors errors)
    {
        foreach (var x in imports)
        {
            await x.WriteAsync(errors);
            await SaveAsync(change.Session, change.Cancellation);
        }

        errors.ThrowIfAny();
    }

    private void CheckShape(JsonObject document)
    {
        var errors = new Errors();
        foreach (var (name, value) in document)
        {
            if (name == VersionField)
            {
                if (!JsonNode.DeepEquals(value, Version)) errors.Add(name, $"This version reads documents of version {Version}.");
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
            // Names that are exchanged between resources are unique before and after, but not in between.
            throw ProblemException.Conflict(
                "A name of the document is still used by another resource. Change the names in two documents, one after the other.");
        }
    }
}
