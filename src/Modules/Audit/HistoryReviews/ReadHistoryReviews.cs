using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Signing;

namespace Notify.Audit.HistoryReviews;

/// <summary>A review as the REST contract shows it.</summary>
/// <inheritdoc cref="HistoryReviewed" path="/param"/>
public sealed record HistoryReviewView(
    string Id, DateTimeOffset From, DateTimeOffset To, ReviewedEntries? Filter, string Findings, long Entries, long? FirstSequence,
    long? LastSequence, string Hash, DateTimeOffset ReviewedAt, Actor ReviewedBy, OwnSignature Signature)
{
    public static HistoryReviewView Of(HistoryReview x) => new(
        x.Id, x.Reviewed.From, x.Reviewed.To, x.Reviewed.Filter, x.Reviewed.Findings, x.Reviewed.Entries, x.Reviewed.FirstSequence,
        x.Reviewed.LastSequence, x.Reviewed.Hash, x.At, x.By, x.Reviewed.Signature!);
}

/// <summary><c>GET /history-reviews</c>, <c>/due</c>: which periods nobody has read, and <c>/period</c>: what a period contains.</summary>
public sealed class ReadHistoryReviews(
    HistoryReviewsOnRecord record, HistoryReviewSettings settings, PeriodReader reader, ISignatures signatures, TimeProvider time)
{
    /// <param name="Items">Newest first.</param>
    /// <param name="NextCursor">Null on the last page.</param>
    public sealed record Answer(
        IReadOnlyList<HistoryReviewView> Items, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? NextCursor);

    /// <param name="EveryDays">The length of the periods that must be read, in days; null: not configured, so nothing is overdue.</param>
    /// <param name="Items">In order of time.</param>
    public sealed record DueAnswer(double? EveryDays, IReadOnlyList<DuePeriod> Items);

    /// <param name="Hash">To be sent with the review, so that what is signed is what was read.</param>
    /// <param name="OwnSequence">An entry that the caller caused, because of which they cannot review the period; null: none.</param>
    public sealed record PeriodAnswer(
        DateTimeOffset From, DateTimeOffset To, ReviewedEntries? Filter, long Entries, long? FirstSequence, long? LastSequence, string Hash,
        long? OwnSequence);

    public async Task<Answer> ListAsync(string? cursor, int limit, CancellationToken cancellation)
    {
        var all = await record.AllAsync(cancellation);
        var found = all.Where(x => cursor is null || string.CompareOrdinal(x.Id, cursor) < 0).Take(limit + 1).ToList();
        return new([.. found.Take(limit).Select(HistoryReviewView.Of)], found.Count > limit ? found[limit - 1].Id : null);
    }

    /// <exception cref="ProblemException">404: there is no such review.</exception>
    public async Task<HistoryReviewView> GetAsync(string id, CancellationToken cancellation) =>
        HistoryReviewView.Of((await record.AllAsync(cancellation)).Find(x => x.Id == id) ?? throw ProblemException.NotFound("history review", id));

    public async Task<DueAnswer> DueAsync(CancellationToken cancellation)
    {
        var reviews = await record.AllAsync(cancellation);
        return new(
            settings.Every?.TotalDays,
            await record.BeginAsync(cancellation) is { } begin
                ? ReviewsDue.Of(begin, reviews.Select(x => x.Reviewed), settings, Instants.Cut(time.GetUtcNow())) : []);
    }

    public async Task<PeriodAnswer> PeriodAsync(
        DateTimeOffset from, DateTimeOffset to, ReviewedEntries filter, AuditContext audit, CancellationToken cancellation)
    {
        var digest = await reader.ReadAsync(from, to, filter, await signatures.ActsAsAsync(audit.Actor, cancellation), cancellation);
        return new(
            from, to, filter.IsAll ? null : filter, digest.Entries, digest.First, digest.Last, digest.Hash, digest.OwnSequence);
    }

    public static void Map(RouteGroupBuilder reviews)
    {
        reviews.MapGet("", async (HttpContext http, ReadHistoryReviews read) =>
        {
            var query = http.Query();
            var (cursor, limit) = (query.Text("cursor"), query.Number("limit", 100, 1, 1000));
            query.ThrowIfInvalid();
            return await read.ListAsync(cursor, limit, http.RequestAborted);
        }).Query(QueryParameter.Cursor, QueryParameter.Limit).Requires(Permission.HistoryRead)
            .Document("listHistoryReviews", "List reviews of the history", "Who has read which period and what they found, newest first.");

        reviews.MapGet("/due", (HttpContext http, ReadHistoryReviews read) => read.DueAsync(http.RequestAborted)).Requires(Permission.HistoryRead)
            .Document("getDueHistoryReviews", "Which periods nobody has read", "With the time by which each must be read, and which are overdue.");

        reviews.MapGet("/period", async (HttpContext http, ReadHistoryReviews read, TimeProvider time) =>
        {
            var query = http.Query();
            var (from, to) = (query.Instant("from"), query.Instant("to"));
            var filter = new ReviewedEntries(query.Text("actor"), query.Text("module"), query.Text("resource"), query.Text("type"));
            query.ThrowIfInvalid();
            var period = HistoryReview.CheckPeriod(from, to, time.GetUtcNow(), new Errors());
            return await read.PeriodAsync(period.From, period.To, filter, http.Audit(), http.RequestAborted);
        }).Query(
                QueryParameter.Instant("from").Required, QueryParameter.Instant("to").Required, "actor", "module", "resource", "type")
            .Requires(Permission.HistoryReview).WithMetadata(new ReadTurns.Free())
            .Document(
                "getHistoryReviewPeriod", "What a period holds",
                "How many entries, and the hash over their leaves. Request it before reading, and send it with the review.");

        reviews.MapGet("/{id}", (string id, HttpContext http, ReadHistoryReviews read) => read.GetAsync(id, http.RequestAborted))
            .Requires(Permission.HistoryRead)
            .Document("getHistoryReview", "Read a review of the history", "With its signature.");
    }
}
