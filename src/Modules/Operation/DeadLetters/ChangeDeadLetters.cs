using System.ComponentModel.DataAnnotations;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;
using Wolverine.Marten;
using Wolverine.Persistence.Durability;
using Wolverine.Persistence.Durability.DeadLetterManagement;
using Wolverine.Runtime;

namespace Notify.Operation.DeadLetters;

/// <summary><c>POST /operation/dead-letters/replay</c> and <c>/discard</c>: dead letters are replayed, or discarded, with a reason.</summary>
public sealed class ChangeDeadLetters(IWolverineRuntime wolverine, IDocumentStore store, KnownSecrets secrets)
{
    private const int MostIds = 1000;
    private const int MostAttempts = 5;

    /// <param name="Ids">From 1 to 1,000.</param>
    /// <param name="Reason">From 1 to 500 characters.</param>
    public sealed record Request([property: Required] IReadOnlyList<string?>? Ids, [property: Required] string? Reason);

    public sealed record Answer(IReadOnlyList<Result> Items);

    /// <param name="Outcome"><c>replayed</c>, <c>discarded</c> or <c>notFound</c>.</param>
    public sealed record Result(string Id, string Outcome);

    /// <exception cref="ProblemException">400.</exception>
    public Task<Answer> ReplayAsync(Request request, AuditContext audit, CancellationToken cancellation) =>
        ChangeAsync(
            request, audit, "replayed", x => new DeadLetterReplayed(x.Id, x.MessageType, x.Fault),
            (letters, ids) => letters.ReplayAsync(ids, CancellationToken.None), anew: true, cancellation);

    /// <exception cref="ProblemException">400.</exception>
    public Task<Answer> DiscardAsync(Request request, AuditContext audit, CancellationToken cancellation) =>
        ChangeAsync(
            request, audit, "discarded", x => new DeadLetterDiscarded(x.Id, x.MessageType, x.Fault),
            (letters, ids) => letters.DiscardAsync(ids, CancellationToken.None), anew: false, cancellation);

    public static void Map(RouteGroupBuilder group)
    {
        group.MapPost("/replay", async (HttpContext http, ChangeDeadLetters change) =>
            await change.ReplayAsync(await http.Request.ReadAsync<Request>(), http.Audit(), http.RequestAborted)).Idempotent()
                .Requires(Permission.OperationManage)
            .Document(
                "replayDeadLetters", "Handle dead letters again",
                "After the cause has been fixed. Decided notifications are decided and rendered again, with the current configuration. "
                + "Requires a reason; the answer has an outcome for each id.")
            .Takes<Request>("""{ "ids": ["0199c1de-6f1a-7cc0-a8f5-0c7ad3cf2a11"], "reason": "The disk has room again" }""");
        group.MapPost("/discard", async (HttpContext http, ChangeDeadLetters change) =>
            await change.DiscardAsync(await http.Request.ReadAsync<Request>(), http.Audit(), http.RequestAborted)).Idempotent()
                .Requires(Permission.OperationManage)
            .Document(
                "discardDeadLetters", "Discard dead letters",
                "Permanently: the work that such a message requests is never done. Requires a reason; the answer has an outcome for each id.")
            .Takes<Request>("""{ "ids": ["0199c1de-6f1a-7cc0-a8f5-0c7ad3cf2a11"], "reason": "Nobody waits for it" }""");
    }

    /// <summary>Recorded first, then done: an unrecorded action could not be explained, a recorded one that was not done can be requested
    /// again.</summary>
    private async Task<Answer> ChangeAsync(
        Request request, AuditContext audit, string outcome, Func<DeadLetterView, object> record,
        Func<IDeadLetters, DeadLetterEnvelopeQuery, Task> change, bool anew,
        CancellationToken cancellation)
    {
        var reason = request.Reason?.Trim() ?? "";
        if (reason.Length is 0 or > 500) throw ProblemException.Invalid("reason", "A reason is required, of at most 500 characters.");
        if (request.Ids is not { Count: > 0 and <= MostIds } ids || ids.Any(string.IsNullOrEmpty)) throw ProblemException.Invalid(
            "ids", "Give 1 to 1000 ids.");
        Guid[] wanted = [.. ids.Select(x => Guid.TryParse(x, out var id) ? id : Guid.Empty).Where(x => x != Guid.Empty).Distinct()];
        // The watch, which records new letters, or somebody else may write to the same streams at this moment.
        var found = await WriteConflict.RetryAsync(MostAttempts, async () =>
        {
            var letters = await FindAsync(wanted, cancellation);
            if (letters.Count > 0) await ChangeAsync(letters, audit with { Reason = reason }, record, change, anew, cancellation);
            return letters;
        });
        var known = found.Select(x => x.Id).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new([.. ids.Select(x => new Result(x!, known.Contains(x!) ? outcome : "notFound"))]);
    }

    private async Task<List<Letter>> FindAsync(Guid[] ids, CancellationToken cancellation)
    {
        if (ids.Length == 0) return [];
        var query = new DeadLetterEnvelopeQuery(ids) { PageNumber = 1, PageSize = ids.Length };
        return [.. (await wolverine.Storage.DeadLetters.QueryAsync(query, cancellation)).Envelopes.Select(x => Letter.Of(x, secrets))];
    }

    private async Task ChangeAsync(
        List<Letter> letters, AuditContext audit, Func<DeadLetterView, object> record, Func<IDeadLetters, DeadLetterEnvelopeQuery, Task> change,
        bool anew, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellation);
        audit.ApplyTo(session);
        foreach (var letter in letters) session.Events.Append(letter.Stream, record(DeadLetterView.Of(letter)));
        // Notifications are decided and rendered again with the current configuration, because the message itself contains the old texts.
        var decided = anew ? letters.FindAll(x => x.Notifications.Count > 0) : [];
        var outbox = new MartenOutbox(wolverine, session);
        foreach (var letter in decided) await outbox.PublishAsync(new DecideAnew(letter.Id, letter.Notifications));
        await session.SaveChangesAsync(cancellation);
        var others = letters.Except(decided).Select(x => x.Envelope.Id).ToArray();
        if (others.Length > 0) await change(wolverine.Storage.DeadLetters, new DeadLetterEnvelopeQuery(others));
        if (decided.Count > 0) await wolverine.Storage.DeadLetters.DiscardAsync(
            new DeadLetterEnvelopeQuery([.. decided.Select(x => x.Envelope.Id)]), CancellationToken.None);
    }
}
