using System.Text.Json;
using System.Text.Json.Nodes;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Audit.Following;
using Notify.Audit.Proofs;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;
using Npgsql;

namespace Notify.Audit.Erasing;

/// <summary><c>POST /audit/erasures</c>: erases everything that names a person. The proofs stay valid.</summary>
public sealed class ErasePersonalData(Erasure erasure, OwnWords words, IApprovals approvals, SecretVault vault, TimeProvider time) : IApprovedChanges
{
    private const string Kind = "erasure";
    private const string SubjectField = "subject";
    private const string ReasonField = "reason";
    private const int MaxSubject = 200;
    private const int MaxReason = 500;

    /// <param name="Subject">An account, a name or a number, of 2 to 200 characters.</param>
    /// <param name="Reason">From 1 to 500 characters.</param>
    public sealed record Request(string Subject, string Reason);

    IReadOnlyCollection<string> IApprovedChanges.Kinds => [Kind];

    async Task IApprovedChanges.MakeAsync(ChangeToApprove change, AuditContext audit, CancellationToken cancellation)
    {
        var (id, secret, subject) = (change.Id!, change.Input[SubjectField].Deserialize<SecretRef>(NotifyJson.Options)!, "");
        try
        {
            subject = SealedText.Of(await vault.RevealForAsync(id, secret, cancellation));
        }
        catch (SecretUnreadableException)
        {
            throw ProblemException.Conflict("The proposal on record cannot be read: somebody has changed it.");
        }

        await RunAsync(new(subject, (string)change.Input[ReasonField]!), id, secret, audit, first: null, cancellation);
    }

    /// <param name="first">Identifies a request that the caller may repeat, so that it is proposed only once.</param>
    /// <exception cref="ProblemException">400: the subject or the reason; or what <see cref="Erasure.EraseAsync"/> refuses.</exception>
    public Task<ErasureResult> RunAsync(Request request, AuditContext audit, FirstRequest? first, CancellationToken cancellation) =>
        RunAsync(request, Ids.New(Kind, time.GetUtcNow()), null, audit, first, cancellation);

    /// <param name="kept">The sealed subject of an approved proposal; null: not proposed yet.</param>
    private async Task<ErasureResult> RunAsync(
        Request request, string id, SecretRef? kept, AuditContext audit, FirstRequest? first, CancellationToken cancellation)
    {
        var (subject, reason, errors) = (request.Subject.Trim(), request.Reason.Trim(), new Errors());
        if (subject.Length is < 2 or > MaxSubject)
            errors.Add("subject", "Give the text to erase: an account, a name or a number, of 2 to 200 characters.");
        else if (subject.StartsWith('[') || "[erased]".Contains(subject, StringComparison.OrdinalIgnoreCase))
            errors.Add("subject", "This text marks erased content and cannot be erased.");
        if (reason.Length is 0 or > MaxReason) errors.Add("reason", "Give a reason, of at most 500 characters.");
        errors.ThrowIfAny();
        var name = new Subject(subject);
        if (words.Include(name)) throw ProblemException.Invalid(
            "subject", "This is one of Notify's own words, which occur in every event; it does not name a person.");
        if (name.IsIn(reason) || name.IsIn(audit.Reason)) throw ProblemException.Invalid("reason", "The reason must not contain the text to erase.");
        if (name.IsIn(audit.Actor.Name) || name.IsIn(audit.Actor.Id) || name.IsIn(audit.SourceIp) || name.IsIn(audit.CorrelationId)
            || name.IsIn(audit.Client))
            throw ProblemException.Invalid("subject",
                "The record of this request would contain the text again, because it is in the requester's name. Let somebody else send the request.");
        if (audit.Approval?.Given is { } given && (name.IsIn(given.Actor.Name) || name.IsIn(given.Actor.Id) || name.IsIn(given.SourceIp)
            || name.IsIn(given.Reason) || name.IsIn(given.CorrelationId) || name.IsIn(given.Client)))
            throw ProblemException.Invalid("subject",
                "The record of this approval would contain the text again, because it is in the approver's name or reason. Let somebody else approve.");
        return await erasure.EraseAsync(id, name, reason, audit, PassAsync, cancellation);

        async Task<AuditContext> PassAsync(IDocumentSession session, Func<Task> commit)
        {
            if (!await approvals.AskAsync(session, audit, cancellation)) return audit;
            // The subject must not stay on record, but the approver must know it.
            var secret = kept ?? vault.StoreFor(id, session, SealedText.With(subject));
            var shown = new JsonObject { ["set"] = true, ["fingerprint"] = secret.Fingerprint };
            var change = new ChangeToApprove(
                Kind, "run", id, "personal data", [new(SubjectField, null, shown), new(ReasonField, null, reason)], [],
                new JsonObject { [SubjectField] = JsonSerializer.SerializeToNode(secret, NotifyJson.Options), [ReasonField] = reason })
            { NewSecrets = [secret], First = first };
            var passed = await approvals.PassAsync(session, change, audit with { Reason = audit.Reason ?? reason }, commit, cancellation);
            SecretVault.Destroy(session, [secret], []);
            return passed with { Reason = audit.Reason };
        }
    }

    /// <summary>Takes secrets, because the subject may be one that got into a text before Notify knew it.</summary>
    public static void Map(RouteGroupBuilder audit) =>
        audit.MapPost("/erasures", async (HttpContext http, ErasePersonalData erase) =>
            await erase.RunAsync(await http.Request.ReadAsync<Request>(), http.Audit(), http.FirstRequest(), http.RequestAborted))
            .TakesSecrets().Idempotent().Requires(Permission.PersonalErase).MayNeedApproval(Kind)
            .Document(
                "erasePersonalData", "Erase personal data",
                "Erases a text that names a person wherever it occurs, without breaking the proofs. It cannot be undone.")
            .Takes<Request>("""{ "subject": "zhangsan", "reason": "Left the company and asked for it" }""");
}

/// <param name="Events">How many events were changed.</param>
/// <param name="Values">How many values in them were erased; a whole body counts as one.</param>
public sealed record ErasureResult(string Id, int Events, int Values, IReadOnlyDictionary<string, long> Tables);

/// <summary>One transaction for the events, the log's seeds, all other tables and the record.</summary>
public sealed class Erasure(
    NpgsqlDataSource database, IDocumentStore store, EventBatches batches, EventFollower follower, IEnumerable<OwnedTable> tables, MasterKey key)
{
    private const int EntriesInEvent = 1000;
    private const int MostLooks = 5;

    /// <param name="id">The id of the erasure.</param>
    /// <param name="pass">Asks for approval. Called once, after the checks that are possible before anything is erased, with a function that commits
    /// the transaction; returns the context to record.</param>
    /// <exception cref="ProblemException">409: the configuration still contains the subject, or work in progress names it. 400: it is part of ids.
    /// 503: events or messages are still being handled.</exception>
    public async Task<ErasureResult> EraseAsync(
        string id, Subject subject, string reason, AuditContext audit, Func<IDocumentSession, Func<Task>, Task<AuditContext>> pass,
        CancellationToken cancellation)
    {
        var (erased, changed, version) = (new List<ErasedEntry>(), new Dictionary<string, long>(StringComparer.Ordinal), 0);
        // A process that read a row before the erasure may write it back just after. Repeat until nothing is found.
        for (var look = 1; look <= MostLooks; look++)
        {
            if (!await follower.CatchUpAsync(TimeSpan.FromSeconds(30), cancellation)) throw ProblemException.Unavailable(
                "The history is not up to date yet. Try again shortly.", retryAfterSeconds: 10);
            var (entries, rows) = await LookAsync(id, version, subject, reason, audit, look == 1 ? pass : null, cancellation);
            version += Math.Max(1, entries.Chunk(EntriesInEvent).Count());
            erased.AddRange(entries);
            foreach (var (table, count) in rows) changed[table] = changed.GetValueOrDefault(table) + count;
            if (entries.Count + rows.Count == 0) break;
        }

        await VacuumAsync(cancellation);
        return new ErasureResult(id, erased.DistinctBy(x => x.Sequence).Count(), erased.Sum(x => x.Values.Count), changed);
    }

    private async Task<(List<ErasedEntry> Entries, Dictionary<string, long> Rows)> LookAsync(
        string id, int version, Subject subject, string reason, AuditContext audit, Func<IDocumentSession, Func<Task>, Task<AuditContext>>? pass,
        CancellationToken cancellation)
    {
        await using var reading = await database.OpenConnectionAsync(cancellation);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var session = store.LightweightSession(Marten.Services.SessionOptions.ForTransaction(transaction));
        // Keeps the configuration unchanged meanwhile, and makes every node reload its cached copy.
        await ConfigurationStamp.AdvanceAsync(session, cancellation);
        await RedactedEvent.LockAsync(connection, cancellation);
        if (await Streams.AnyMatchesAsync(connection, subject.Pattern, cancellation)) throw ProblemException.Invalid(
            "subject", "This text is part of record ids; it does not name a person.");
        var others = new TableEraser(connection, subject, tables);
        if (await others.ConfiguredAsync(cancellation) is { Count: > 0 } used)
            throw ProblemException.Conflict($"The configuration still contains the text, in {string.Join(", ", used)}. Remove it there first.");
        if (pass is not null) audit = await pass(session, () => transaction.CommitAsync(cancellation));
        var entries = await new EventEraser(connection, reading, subject).EraseAsync(cancellation);
        if (await others.IsUnderWayAsync([.. entries.Select(x => x.Sequence)], cancellation))
            throw ProblemException.Conflict(
                "Something that contains the text is still to be sent or in progress. Wait until it has finished, or dismiss it.");
        var rows = await others.EraseAsync(cancellation);
        if (version > 0 && entries.Count + rows.Count == 0) return (entries, rows);
        var events = batches.New();
        foreach (var part in entries.Chunk(EntriesInEvent).DefaultIfEmpty([]))
            events.Append(id, ++version, new PersonalDataErased(
                reason, part, events.Count == 0 ? rows : new Dictionary<string, long>(), ErasureSeal.Of(key, id, part)), audit);
        events.QueueTo(session);
        await session.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return (entries, rows);
    }

    /// <summary>The old version of a changed row stays on disk until its table is vacuumed, and a sample of its values stays in PostgreSQL's
    /// statistics until the table is analyzed.</summary>
    private async Task VacuumAsync(CancellationToken cancellation)
    {
        var all = tables.Select(x => x.FullName).Append(EventTables.Events).Append(LogTables.Leaves);
        await using var vacuum = database.CreateCommand($"vacuum (analyze) {string.Join(", ", all)}");
        vacuum.CommandTimeout = 0;
        await vacuum.ExecuteNonQueryAsync(cancellation);
    }
}
