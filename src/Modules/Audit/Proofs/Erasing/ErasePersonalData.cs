using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Audit.Proofs.Erasing;

/// <summary><c>POST /audit/erasures</c>: what names a person is erased everywhere; the proofs still hold.</summary>
public static class ErasePersonalData
{
    private sealed record Request(string Subject, string Reason);

    public static void Map(RouteGroupBuilder audit) =>
        audit.MapPost("/erasures", async (HttpContext http, Erasure erasure) =>
        {
            var request = await http.Request.ReadAsync<Request>();
            var (subject, reason, errors) = (request.Subject.Trim(), request.Reason.Trim(), new Errors());
            if (subject.Length is < 2 or > 200 || !RequestBody.IsStorable(subject)) errors.Add("subject", "Give the text to erase: an account, a name or a number, of 2 to 200 characters.");
            else if (subject.StartsWith('[') || "[erased]".Contains(subject, StringComparison.OrdinalIgnoreCase)) errors.Add("subject", "This text stands for what was erased.");
            if (reason.Length is 0 or > 500 || !RequestBody.IsStorable(reason)) errors.Add("reason", "Give a reason, of at most 500 characters.");
            errors.ThrowIfAny();
            var audit = http.Audit();
            var name = new Subject(subject);
            if (name.IsIn(reason) || name.IsIn(audit.Reason)) throw ProblemException.Invalid("reason", "The reason may not hold what is to be erased.");
            if (name.IsIn(audit.Actor.Name) || name.IsIn(audit.Actor.Id) || name.IsIn(audit.SourceIp) || name.IsIn(audit.CorrelationId) || name.IsIn(audit.Client))
                throw ProblemException.Invalid("subject", "The record of this request would hold it again: let somebody else ask.");
            return await erasure.EraseAsync(name, reason, audit, http.RequestAborted);
        }).Idempotent();
}

/// <param name="Events">How many events were changed.</param>
/// <param name="Values">How many values in them, a whole body counting as one.</param>
public sealed record ErasureResult(string Id, int Events, int Values, IReadOnlyDictionary<string, long> Tables);

/// <summary>One transaction for the events, the log's seeds, all other tables and the record.</summary>
public sealed class Erasure(NpgsqlDataSource database, IDocumentStore store, EventBatch events, EventFollower follower, TimeProvider time)
{
    private const int EntriesInEvent = 1000;

    /// <exception cref="ProblemException">409: configuration still uses it, or something is still to be sent to it. 503: events are still being followed.</exception>
    public async Task<ErasureResult> EraseAsync(Subject subject, string reason, AuditContext audit, CancellationToken cancellation)
    {
        if (!await follower.CatchUpAsync(TimeSpan.FromSeconds(30), cancellation)) throw ProblemException.Unavailable("The history is still being followed. Try again shortly.", retryAfterSeconds: 10);
        var id = Ids.New("erasure", time.GetUtcNow());
        List<ErasedEntry> entries;
        Dictionary<string, long> tables;
        await using var reading = await database.OpenConnectionAsync(cancellation);
        await using (var connection = await database.OpenConnectionAsync(cancellation))
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            var others = new TableEraser(connection, subject);
            if (await others.ConfiguredAsync(cancellation) is { Count: > 0 } used)
                throw ProblemException.Conflict($"It is still configured in {string.Join(", ", used)}: remove it there first.");
            if (await others.IsAwaitedAsync(cancellation)) throw ProblemException.Conflict("Something is still to be sent there: wait until it was, or dismiss it.");
            entries = await new EventEraser(connection, reading, subject).EraseAsync(cancellation);
            tables = await others.EraseAsync(cancellation);
            await using var session = store.LightweightSession(Marten.Services.SessionOptions.ForTransaction(transaction));
            var parts = entries.Chunk(EntriesInEvent).DefaultIfEmpty([]).ToList();
            for (var i = 0; i < parts.Count; i++)
                events.Append(id, i + 1, new PersonalDataErased(reason, parts[i], i == 0 ? tables : new Dictionary<string, long>()), audit);
            events.QueueTo(session);
            await session.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
        }

        await VacuumAsync(reading, tables.Keys, cancellation);
        return new ErasureResult(id, entries.Count, entries.Sum(x => x.Values.Count), tables);
    }

    /// <summary>An updated row leaves its old version on disk until it is vacuumed.</summary>
    private static async Task VacuumAsync(NpgsqlConnection connection, IEnumerable<string> tables, CancellationToken cancellation)
    {
        foreach (var table in tables.Select(x => $"{Database.Schema}.{x}").Append($"{Database.Schema}.mt_events").Append(LogTables.Leaves))
        {
            await using var vacuum = new NpgsqlCommand($"vacuum {table}", connection) { CommandTimeout = 0 };
            await vacuum.ExecuteNonQueryAsync(cancellation);
        }
    }
}
