using System.Text.Json;
using JasperFx.Events;
using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Secrets;
using Npgsql;

namespace Notify.Audit.HistoryReviews;

/// <summary>Reads the reviews from their events; there is no table of them.</summary>
public sealed class HistoryReviewsOnRecord(
    NpgsqlDataSource database, EventCatalog catalog, MasterKey key, IErasures erasures, ILogger<HistoryReviewsOnRecord> logger)
{
    /// <summary>Newest first. A review without a valid signature is ignored: somebody has written it into the database.</summary>
    public async Task<List<HistoryReview>> AllAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var events = await EventRecord.OfKindAsync(connection, HistoryReview.Noun, catalog, logger, cancellation);
        var erased = await erasures.AmongAsync(connection, events.Select(x => x.Event).OfType<IEvent>().Select(x => x.Sequence), cancellation);
        var reviews = new List<HistoryReview>();
        foreach (var (stream, e) in events)
            if (HistoryReview.Of(stream, e) is { } review && IsSigned(review, erased.Contains(e!.Sequence))) reviews.Add(review);
        return [.. reviews.OrderByDescending(x => x.Id, StringComparer.Ordinal)];
    }

    /// <summary>The number of events of reviews; it grows with every review.</summary>
    public Task<long> CountAsync(CancellationToken cancellation) =>
        StoredEvents.CountOfKindsAsync(database, [HistoryReview.Noun], cancellation);

    /// <summary>When the history begins; null: nothing has happened yet.</summary>
    public async Task<DateTimeOffset?> BeginAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select timestamp from {EventTables.Events} where type <> '{EventTables.Tombstone}' order by seq_id limit 1");
        return await command.ExecuteScalarAsync(cancellation) is DateTime at ? new DateTimeOffset(at, TimeSpan.Zero) : null;
    }

    private bool IsSigned(HistoryReview review, bool isErased) =>
        review.Reviewed.Signature is { } signature && signature.Signer == review.By.Id
        && signature.HoldsIn(key, review.Id, JsonSerializer.Serialize(review.Reviewed, NotifyJson.Options), isErased);
}
