using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Channels;
using Notify.Channels.Sending;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Delivery.Lanes;

/// <summary>Rebuilds the table of notifications from their events.</summary>
public sealed class NotificationRows(NpgsqlDataSource database, EventCatalog catalog, CurrentServices services, TimeProvider time)
    : StreamRows<QueuedWork.Folded>(database, catalog, time)
{
    private const int WaitingAtOnce = 500;

    private Reachable reachable = Reachable.Nothing;

    public override string Name => "notifications";

    protected override string Kind => "notification";
    protected override string Table => "notification";

    protected override IReadOnlyList<string> Columns =>
    [
        "position", "lane", "priority", "due_at", "status", "version", "attempts", "tries", "requests_done", "alarm_id", "alarm_version", "rule_id",
        "service_id", "receivers",
        "requested_at", "ended_at", "reason", "resent_as", "unknowns", "form", "digest_at", "earlier", "otherwise_after",
    ];

    protected override async Task PrepareAsync(CancellationToken cancellation) => reachable = await services.GetAsync(cancellation);

    protected override QueuedWork.Folded Apply(QueuedWork.Folded? state, AttributedEvent e) =>
        (state ?? QueuedWork.Folded.Nothing).After(e.Event);

    protected override JsonObject? RowOf(Folded stream, JsonObject? row, DateTimeOffset now)
    {
        var ((notification, work), isUnderWay) = (stream.State.Result, stream.Last.Data is AttemptStarted);
        var request = notification.Request;
        var isOpen = work.DueAt is not null;
        return new JsonObject
        {
            // Only the module Rules knows whether the fallback was used; it uses it at most once. Of partly delivered ones it knows nothing if they
            // are from before they used it too.
            ["otherwise_after"] = row is not null ? row["otherwise_after"]?.DeepClone()
                : isOpen || notification.Status == NotificationStatus.Failed ? request.Otherwise?.AfterMinutes : null,
            ["position"] = stream.First.Sequence,
            ["lane"] = LaneOf(request, notification, row, isOpen, isUnderWay),
            ["priority"] = PriorityOf(request, row),
            ["due_at"] = NodeOf(Cut(DueOf(Cut(work.DueAt), notification.RequestedAt, row))),
            // While a notification is open, its row may show either of the two states.
            ["status"] = isOpen && Text(row, "status") is "Pending" or "Scheduled" ? Text(row, "status") : notification.Status.ToString(),
            ["version"] = work.Version,
            ["attempts"] = work.Attempts,
            ["alarm_id"] = request.AlarmId,
            ["alarm_version"] = request.AlarmVersion,
            ["rule_id"] = request.Rule.Id,
            ["service_id"] = request.Service.Id,
            ["receivers"] = NodeOf(NotificationTable.KeysOf(request).ToArray()),
            ["requested_at"] = NodeOf(notification.RequestedAt),
            ["ended_at"] = NodeOf(notification.EndedAt),
            ["reason"] = notification.Reason,
            ["resent_as"] = notification.ResentAs,
            // If the opening has moved since, this is noticed at that time.
            ["digest_at"] = NodeOf(notification.DigestedIn is null ? Cut(notification.DigestAt) : null),
            // These are only needed for the next attempt; after the end they may differ from the events.
            ["tries"] = Number(work.Tries, "tries"),
            ["requests_done"] = Number(work.RequestsDone, "requests_done"),
            ["unknowns"] = Number(work.Unknowns, "unknowns"),
            ["form"] = Number((int)work.Form, "form"),
            ["earlier"] = !isOpen && row is not null ? row["earlier"]?.DeepClone()
                : notification.Earlier is { } earlier ? JsonSerializer.Serialize(earlier, NotifyJson.Options) : null,
        };

        JsonNode? Number(int folded, string column) => isOpen || row is null ? folded : row[column]?.DeepClone();
    }

    /// <summary>A waiting notification belongs to the lane that the current configuration determines; one that has ended or is being sent keeps its
    /// lane.</summary>
    private string LaneOf(NotificationRequested request, Notification notification, JsonObject? row, bool isOpen, bool isUnderWay)
    {
        if (!isOpen || isUnderWay) return Text(row, "lane") ?? request.Lane;
        try
        {
            return CurrentServices.LaneOf(reachable.Find(request.Service.Id), [.. notification.Request.Receivers]);
        }
        catch (InvalidOperationException)
        {
            return CurrentServices.Unreachable;
        }
    }

    /// <summary>A later change of the same alarm may have made it more urgent; that is computed when all rows exist (<see
    /// cref="EndAsync"/>).</summary>
    private static int PriorityOf(NotificationRequested request, JsonObject? row) =>
        NotificationTable.PriorityOf(request) is var own && row?["priority"]?.GetValue<int>() is { } raised && raised >= 0 && raised < own
            ? raised : own;

    protected override async Task<RebuiltRows> EndAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        var done = RebuiltRows.None;
        for (string[] waiting = [""]; waiting.Length > 0;)
        {
            await using var connection = await database.OpenConnectionAsync(cancellation);
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            // Two statements: the second sees notifications that others committed while the first waited for their locks.
            waiting = await NotificationUrgency.LockAsync(connection, waiting[^1], WaitingAtOnce, cancellation);
            done += new RebuiltRows(0, await NotificationUrgency.WriteAsync(connection, waiting, cancellation), 0);
            await transaction.CommitAsync(cancellation);
        }

        return done;
    }

    /// <summary>A retry may have been brought forward, when the lane continued after a fault.</summary>
    private static DateTimeOffset? DueOf(DateTimeOffset? due, DateTimeOffset requested, JsonObject? row) =>
        due is not null && row?["due_at"] is JsonValue value && value.TryGetValue<DateTimeOffset>(out var earlier) && earlier >= requested
            && earlier < due ? earlier : due;

    /// <summary>With the precision of the column.</summary>
    private static DateTimeOffset? Cut(DateTimeOffset? instant) => instant is { } at ? Instants.Cut(at) : null;

    private static string? Text(JsonObject? row, string column) => row?[column]?.GetValue<string>();

    private static JsonNode? NodeOf<T>(T value) => JsonSerializer.SerializeToNode(value, NotifyJson.Options);
}

/// <summary>What the queue needs in order to continue a notification, folded from its events.</summary>
/// <param name="Version">The version of the last event that the row reflects; the start of an attempt is reflected only together with its
/// outcome.</param>
/// <param name="DueAt">Null: nothing more is to be sent.</param>
public sealed record QueuedWork(long Version, int Attempts, int Tries, int RequestsDone, int Unknowns, MessageForm Form, DateTimeOffset? DueAt)
{
    /// <exception cref="InvalidOperationException">The events are inconsistent.</exception>
    public static (Notification Notification, QueuedWork Work) Fold(IEnumerable<StoredEvent> events) =>
        events.Aggregate(Folded.Nothing, (x, e) => x.After(e)).Result;

    /// <param name="Shown">As the row reflects it.</param>
    public sealed record Folded(Notification? Current, Notification? Shown, QueuedWork Work)
    {
        public static Folded Nothing { get; } = new(null, null, new QueuedWork(0, 0, 0, 0, 0, MessageForm.AsWritten, null));

        /// <exception cref="InvalidOperationException">The events are inconsistent.</exception>
        public (Notification Notification, QueuedWork Work) Result => (Shown ?? throw new InvalidOperationException("There is no event."), Work);

        public Folded After(StoredEvent e)
        {
            var current = Notification.Apply(Current, e.StreamId, e.Data, e.At, e.CorrelationId);
            return e.Data is AttemptStarted ? this with { Current = current }
                : new(current, current, Work.After(e.Data, e.At) with { Version = e.Version });
        }
    }

    private QueuedWork After(object @event, DateTimeOffset at) => @event switch
    {
        NotificationRequested => this with { DueAt = at },
        AttemptFailed e => this with
        {
            Attempts = e.Number,
            Tries = Tries + (e.Class is OutcomeClass.Rate or OutcomeClass.Configuration ? 0 : 1),
            RequestsDone = e.RequestsDone,
            Form = e.NextForm ?? Form,
            DueAt = e.RetryAt,
        },
        AttemptAccepted e => this with
        {
            Attempts = e.Number,
            Tries = (e.RequestsDone > RequestsDone ? 0 : Tries) + 1,
            RequestsDone = e.RequestsDone,
            DueAt = e.AskAt,
        },
        AttemptOutcomeUnknown e =>
        this with { Attempts = e.Number, Tries = Tries + 1, Unknowns = Unknowns + 1, RequestsDone = e.RequestsDone, DueAt = e.RetryAt },
        AttemptSucceeded e => this with { Attempts = e.Number, Tries = Tries + 1, DueAt = null },
        NotificationSuppressed or NotificationFailed or NotificationCancelled => this with { DueAt = null },
        _ => this,
    };
}
