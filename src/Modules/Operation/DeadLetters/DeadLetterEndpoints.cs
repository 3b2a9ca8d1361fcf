using System.ComponentModel.DataAnnotations;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Http;
using Npgsql;
using Wolverine.Marten;
using Wolverine.Persistence.Durability;
using Wolverine.Persistence.Durability.DeadLetterManagement;
using Wolverine.Runtime;

namespace Notify.Operation.DeadLetters;

/// <summary>
/// Messages between modules that could not be handled, after all retries. That is a fault of Notify or of its store, never of an alarm; what such a
/// message asks for is not done until it is replayed.
/// </summary>
public static class DeadLetterEndpoints
{
    private sealed record Request([property: Required] IReadOnlyList<string?>? Ids, [property: Required] string? Reason);

    /// <param name="SentAt">When the message was sent first.</param>
    /// <param name="IsReplaying">It was asked for and follows within seconds.</param>
    /// <param name="Alarms">Those it is about, of which people may not have been told.</param>
    private sealed record Item(
        string Id, string MessageType, DateTimeOffset SentAt, string Fault, string Detail, bool IsReplaying, IReadOnlyList<ConcernedAlarm> Alarms, int Notifications);

    /// <param name="Outcome"><c>replayed</c>, <c>discarded</c> or <c>notFound</c>.</param>
    private sealed record Result(string Id, string Outcome);

    private sealed record Outcomes(IReadOnlyList<Result> Items);

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/operation/dead-letters").WithTags("operation");
        group.MapGet("", async (HttpContext http, IWolverineRuntime wolverine, NpgsqlDataSource database) =>
        {
            var query = http.Query();
            var (page, size) = (query.Number("page", 1, 1, 1_000_000), query.Number("pageSize", 20, 1, 200));
            query.ThrowIfInvalid();
            var found = await wolverine.Storage.DeadLetters.QueryAsync(new DeadLetterEnvelopeQuery { PageNumber = page, PageSize = size }, http.RequestAborted);
            return new Page<Item>([.. (await Letter.WithoutRecordedAsync([.. found.Envelopes.Select(Letter.Of)], database, http.RequestAborted)).Select(ItemOf)], page, size, found.TotalCount);
        }).Query(QueryParameter.Page, QueryParameter.PageSize).Requires(Permission.OperationRead)
            .Document(
                "listDeadLetters", "List dead letters",
                "Internal messages that could not be handled after all retries, with the alarms they concern. Health is degraded while there "
                + "are any.");
        group.MapPost("/replay", (HttpContext http, IWolverineRuntime wolverine, IDocumentStore store) =>
            ChangeAsync(http, wolverine, store, "replayed", x => new DeadLetterReplayed(x.Id, x.MessageType, x.Fault), (letters, ids) => letters.ReplayAsync(ids, CancellationToken.None), anew: true)).Idempotent().Requires(Permission.OperationManage)
            .Document(
                "replayDeadLetters", "Handle dead letters again",
                "After the cause has been fixed. Decided notifications are decided and rendered again, with the current configuration. "
                + "Requires a reason; the answer has an outcome for each id.")
            .Takes<Request>("""{ "ids": ["0199c1de-6f1a-7cc0-a8f5-0c7ad3cf2a11"], "reason": "The disk has room again" }""");
        group.MapPost("/discard", (HttpContext http, IWolverineRuntime wolverine, IDocumentStore store) =>
            ChangeAsync(http, wolverine, store, "discarded", x => new DeadLetterDiscarded(x.Id, x.MessageType, x.Fault), (letters, ids) => letters.DiscardAsync(ids, CancellationToken.None), anew: false)).Idempotent().Requires(Permission.OperationManage)
            .Document(
                "discardDeadLetters", "Discard dead letters",
                "Permanently: what such a message asks for is never done. Requires a reason; the answer has an outcome for each id.")
            .Takes<Request>("""{ "ids": ["0199c1de-6f1a-7cc0-a8f5-0c7ad3cf2a11"], "reason": "Nobody waits for it" }""");
    }

    /// <summary>On record first, then done: what was done without a record could not be explained, what was recorded and not done can be asked for again.</summary>
    private static async Task<Outcomes> ChangeAsync(
        HttpContext http, IWolverineRuntime wolverine, IDocumentStore store, string outcome, Func<Item, object> record, Func<IDeadLetters, DeadLetterEnvelopeQuery, Task> change,
        bool anew)
    {
        var request = await http.Request.ReadAsync<Request>();
        var reason = request.Reason?.Trim() ?? "";
        if (reason.Length is 0 or > 500) throw ProblemException.Invalid("reason", "A reason is required, of at most 500 characters.");
        if (request.Ids is not { Count: > 0 and <= 1000 } ids || ids.Any(string.IsNullOrEmpty)) throw ProblemException.Invalid("ids", "Give 1 to 1000 ids.");
        Guid[] wanted = [.. ids.Select(x => Guid.TryParse(x, out var id) ? id : Guid.Empty).Where(x => x != Guid.Empty).Distinct()];
        var letters = wolverine.Storage.DeadLetters;
        var found = wanted.Length == 0 ? [] : (await letters.QueryAsync(new DeadLetterEnvelopeQuery(wanted) { PageNumber = 1, PageSize = wanted.Length }, http.RequestAborted)).Envelopes;
        if (found.Count > 0)
        {
            await using var session = store.LightweightSession();
            await session.BeginTransactionAsync(http.RequestAborted);
            (http.Audit() with { Reason = reason }).ApplyTo(session);
            foreach (var letter in found) session.Events.Append($"deadletter-{letter.Id}", record(ItemOf(Letter.Of(letter))));
            // What was decided is decided and rendered again, with the configuration as it is now: in the message itself lie the texts of then.
            var decided = anew ? found.Select(Letter.Of).Where(x => x.Notifications.Count > 0).ToList() : [];
            var outbox = new MartenOutbox(wolverine, session);
            foreach (var letter in decided) await outbox.PublishAsync(new DecideAnew(letter.Id, letter.Notifications));
            await session.SaveChangesAsync(http.RequestAborted);
            var others = found.Select(x => x.Id).Except(decided.Select(x => x.Envelope.Id)).ToArray();
            if (others.Length > 0) await change(letters, new DeadLetterEnvelopeQuery(others));
            if (decided.Count > 0) await letters.DiscardAsync(new DeadLetterEnvelopeQuery([.. decided.Select(x => x.Envelope.Id)]), CancellationToken.None);
        }

        var known = found.Select(x => x.Id.ToString()).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new Outcomes([.. ids.Select(x => new Result(x!, known.Contains(x!) ? outcome : "notFound"))]);
    }

    private static Item ItemOf(Letter letter) => new(
        letter.Id, letter.Envelope.MessageType, letter.Envelope.SentAt, letter.Envelope.ExceptionType, letter.Detail, letter.Envelope.Replayable, letter.Alarms, letter.Notifications.Count);
}
