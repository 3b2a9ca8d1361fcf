using Notify.Channels;
using Notify.Contracts.DeadLetters;
using Notify.Contracts.Rules;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Npgsql;
using Wolverine;

namespace Notify.Delivery.Reading;

/// <summary>Shows the content of dead letters as failed notifications: nobody was notified of it, and it is recorded nowhere else. When such a
/// message is replayed, the result is recorded as usual.</summary>
internal static class PutAside
{
    /// <summary>The prefix of ids for undecided changes, which are not notifications yet.</summary>
    private const string UndecidedPrefix = "undecided-";

    /// <summary>The position of the oldest is the next one after this; those of notifications on record stay far below.</summary>
    private const long AllOnRecord = 1L << 62;

    private static readonly VersionedRef none = new("", 0, "");

    /// <summary>Undecided changes cannot be resent or dismissed; their dead letter must be replayed.</summary>
    public static bool IsUndecided(string id) => id.StartsWith(UndecidedPrefix, StringComparison.Ordinal);

    /// <summary>A page of a list in which they precede all others: they have no position in the order of those on record, and must be seen. They are
    /// numbered from the oldest on, so that one that comes or goes meanwhile makes a reader of the next page miss none.</summary>
    /// <param name="before">Null: the first page.</param>
    /// <param name="asideAsync">Those that match the query, newest first.</param>
    /// <param name="onRecordAsync">A page of those on record: before a position (null: from the newest on), of at least one.</param>
    public static async Task<CursorPage<NotificationView>> PageAsync(
        long? before, int limit, ChannelCatalog channels, Func<Task<List<Notification>>> asideAsync,
        Func<long?, int, Task<CursorPage<NotificationView>>> onRecordAsync)
    {
        if (before <= AllOnRecord) return await onRecordAsync(before, limit);
        var aside = await asideAsync();
        var older = before is { } position ? (int)Math.Min(aside.Count, position - AllOnRecord - 1) : aside.Count;
        List<NotificationView> shown = [.. aside.TakeLast(older).Take(limit).Select(x => NotificationView.Of(x, null, channels))];
        older -= shown.Count;
        if (older > 0) return new(shown, AllOnRecord + older + 1);
        var rest = await onRecordAsync(null, Math.Max(1, limit - shown.Count));
        if (shown.Count < limit) return rest with { Items = [.. shown, .. rest.Items] };
        return new(shown, rest.Items.Count > 0 ? AllOnRecord + 1 : null);
    }

    /// <summary>The same conditions as <see cref="NotificationFilter.Of"/>, except the search.</summary>
    public static bool Fits(Notification x, NotificationQuery query, ChannelCatalog channels)
    {
        string[]? receivers = query.Receiver is { } receiver ? channels.KeysOf(receiver) : null;
        return PathLimit.Current.Allows(x.Request.AlarmPath) && query.Status is (null or NotificationStatus.Failed)
            && (query.ServiceId is not { } service || x.Request.Service.Id == service)
            && (query.RuleId is not { } rule || x.Request.Rule.Id == rule)
            && (query.AlarmId is not { } alarm || x.Request.AlarmId == alarm)
            && (receivers is null || NotificationTable.KeysOf(x.Request).Any(key => receivers.Contains(key, StringComparer.Ordinal)));
    }

    public static async Task<List<Notification>> ReadAsync(IMessageBus bus, NpgsqlDataSource database, CancellationToken cancellation)
    {
        var letters = (await bus.InvokeAsync<DeadLettersDescribed>(new DescribeDeadLetters(), cancellation)).Letters;
        if (letters.Count == 0) return [];
        var found = letters.SelectMany(Of).ToList();
        await using var command = database.CreateCommand($"select id from {NotificationTable.Name} where id = any($1)");
        command.Parameters.AddWithValue(found.Select(x => x.Id).ToArray());
        var onRecord = (await command.ReadTextsAsync(cancellation)).ToHashSet(StringComparer.Ordinal);
        // Newest first, as in all lists of notifications.
        return [.. found.Where(x => !onRecord.Contains(x.Id)).Reverse()];
    }

    private static IEnumerable<Notification> Of(DescribedDeadLetter letter)
    {
        foreach (var x in letter.Notifications.Where(x => x.Suppressed is null))
        {
            yield return Failed(letter, x.NotificationId, x.CorrelationId, new(
                x.AlarmId, x.AlarmName, x.AlarmPath, x.Level, x.State, x.EventTime, x.Rule ?? none, x.Service ?? none, x.Message ?? none,
                x.Schedule ?? none, x.ChannelType ?? "",
                CurrentServices.Unreachable, [.. x.Receivers.Where(r => r is not null)],
                x.Content is { } content && PlainText.IsStorable(content.Text ?? "") ? content : RenderedMessage.None, AlarmVersion: x.AlarmVersion,
                AlarmValue: x.AlarmValue));
        }

        // For these it was not even decided whom to notify.
        foreach (var x in letter.Undecided.Where(x => x.Alarm is not null))
        {
            yield return Failed(letter, $"{UndecidedPrefix}{x.EventId:N}", x.CorrelationId, new(
                x.AlarmId, x.Alarm.Name, x.Alarm.Path, x.Alarm.Level, x.Alarm.State, x.Alarm.EventTime, none, none, none, none, "",
                CurrentServices.Unreachable, [], RenderedMessage.None, AlarmVersion: x.Version,
                AlarmValue: x.Alarm.Value));
        }
    }

    private static Notification Failed(DescribedDeadLetter letter, string id, string correlationId, NotificationRequested request) =>
        Notification.Apply(
        Notification.Apply(null, id, request, letter.SentAt, correlationId), id,
        new NotificationFailed(FailureStage.PutAside, $"Dead letter {letter.Id}: {letter.Fault}"), letter.SentAt);
}
