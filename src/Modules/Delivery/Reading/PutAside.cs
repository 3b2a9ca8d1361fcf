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

    private const int MostShown = 1000;

    private static readonly VersionedRef none = new("", 0, "");

    /// <summary>Undecided changes cannot be resent or dismissed; their dead letter must be replayed.</summary>
    public static bool IsUndecided(string id) => id.StartsWith(UndecidedPrefix, StringComparison.Ordinal);

    /// <summary>Adds them to the first page, beyond its limit: they have no position in the order, and must be seen.</summary>
    public static CursorPage<NotificationView> Before(
        CursorPage<NotificationView> page, IReadOnlyList<Notification> aside, ChannelCatalog channels) =>
        aside.Count == 0 ? page : page with { Items = [.. aside.Take(MostShown).Select(x => NotificationView.Of(x, null, channels)), .. page.Items] };

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
