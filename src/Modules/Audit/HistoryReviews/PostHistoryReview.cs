using System.ComponentModel.DataAnnotations;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Kernel.Signing;

namespace Notify.Audit.HistoryReviews;

/// <summary><c>POST /history-reviews</c>: somebody independent signs that they have read a period of the history.</summary>
public sealed class PostHistoryReview(
    PeriodReader reader, ISignatures signatures, IDocumentStore store, EventBatches batches, HistoryReviewWatch watch, TimeProvider time)
{
    /// <param name="To">The first instant after the period; in the past.</param>
    /// <param name="Filter">Which entries were read, as in <c>GET /audit</c>; null: all of the period, and only then does the period count as
    /// read.</param>
    /// <param name="Findings">What was found, 1 to 4,000 characters.</param>
    /// <param name="Hash">The hash that <c>GET /history-reviews/period</c> returned before reading. The review is refused if it has changed.</param>
    public sealed record Request(
        [property: Required] DateTimeOffset? From, [property: Required] DateTimeOffset? To, [property: Required] string? Findings,
        ReviewedEntries? Filter = null, string? Hash = null, SignatureInput? Signature = null);

    /// <exception cref="ProblemException">400; 403: the reviewer has acted in the period, or the signature is wrong; 409: the period has changed
    /// since it was read; 503.</exception>
    public async Task<HistoryReviewView> RunAsync(Request request, AuditContext audit, CancellationToken cancellation)
    {
        var now = Instants.Cut(time.GetUtcNow());
        var (from, to) = HistoryReview.CheckPeriod(request.From, request.To, now, new Errors());
        var digest = await reader.ReadAsync(from, to, request.Filter, await signatures.ActsAsAsync(audit.Actor, cancellation), cancellation);
        var reviewed = HistoryReview.Decide(from, to, request.Filter, request.Findings, request.Hash, digest);
        var id = Ids.New(HistoryReview.Noun, now);
        var signature = await signatures.SignAsync(
            request.Signature, id, OwnSignature.ContentOfNew(reviewed), HistoryReview.Meaning, audit, cancellation);
        reviewed = reviewed with { Signature = signature };
        await using var session = store.LightweightSession();
        var events = batches.New();
        events.Append(id, 1, reviewed, audit);
        now = Instants.Cut(time.GetUtcNow());
        events.QueueTo(session, now);
        await session.SaveChangesAsync(cancellation);
        watch.Wake();
        return HistoryReviewView.Of(new HistoryReview(id, reviewed, now, audit.Actor));
    }

    public static void Map(RouteGroupBuilder reviews) =>
        reviews.MapPost("", async (HttpContext http, PostHistoryReview post, PublicAddress address) =>
        {
            var view = await post.RunAsync(await http.Request.ReadAsync<Request>(), http.Audit(), http.RequestAborted);
            return TypedResults.Created(address.PathTo($"api/v1/history-reviews/{view.Id}"), view);
        }).TakesSecrets().Idempotent().Requires(Permission.HistoryReview)
            .Document(
                "createHistoryReview", "Record that a period of the history was read",
                "For a person who did nothing in the period but read, and who signs. The signature is bound to the hash over the leaves of all "
                + "entries that were read. Only a review without a filter counts for the whole period.")
            .Takes<Request>("""
                { "from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z", "findings": "Two rules were changed, as the tickets say",
                  "signature": { "password": "four unrelated words here" } }
                """)
            .Answers<HistoryReviewView>(StatusCodes.Status201Created, "Signed and recorded.").ProducesProblem(StatusCodes.Status409Conflict);
}
