using Notify.Contracts.DeadLetters;
using Notify.Contracts.Rules;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Npgsql;
using Wolverine;

namespace Notify.Delivery.Reading;

/// <summary>
/// What is in messages between modules that were put aside, as the failed notifications that it amounts to: nobody was told of it, and it is on record nowhere else.
/// Once such a message is handled again, what became of it is on record like everything.
/// </summary>
internal static class PutAside
{
    private static readonly VersionedRef none = new("", 0, "");

    public static async Task<List<Notification>> ReadAsync(IMessageBus bus, NpgsqlDataSource database, CancellationToken cancellation)
    {
        var letters = (await bus.InvokeAsync<DeadLettersDescribed>(new DescribeDeadLetters(), cancellation)).Letters;
        if (letters.Count == 0) return [];
        var found = letters.SelectMany(Of).ToList();
        await using var command = database.CreateCommand($"select id from {NotificationTable.Name} where id = any($1)");
        command.Parameters.AddWithValue(found.Select(x => x.Id).ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var onRecord = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation)) onRecord.Add(reader.GetString(0));
        // The newest first, as in all lists of notifications.
        return [.. found.Where(x => !onRecord.Contains(x.Id)).Reverse()];
    }

    private static IEnumerable<Notification> Of(DescribedDeadLetter letter)
    {
        foreach (var x in letter.Notifications.Where(x => x.Suppressed is null))
        {
            yield return Failed(letter, x.NotificationId, x.CorrelationId, new(
                x.AlarmId, x.AlarmName, x.AlarmPath, x.Level, x.State, x.EventTime, x.Rule ?? none, x.Service ?? none, x.Message ?? none, x.Schedule ?? none, x.ChannelType ?? "",
                CurrentServices.Unreachable, [.. x.Receivers.Where(r => r is not null)], x.Content ?? RenderedMessage.None, AlarmVersion: x.AlarmVersion, AlarmValue: x.AlarmValue));
        }

        // It was not even decided whom to notify of these.
        foreach (var x in letter.Undecided.Where(x => x.Alarm is not null))
        {
            yield return Failed(letter, $"undecided-{x.EventId:N}", x.CorrelationId, new(
                x.AlarmId, x.Alarm.Name, x.Alarm.Path, x.Alarm.Level, x.Alarm.State, x.Alarm.EventTime, none, none, none, none, "", CurrentServices.Unreachable, [], RenderedMessage.None, AlarmVersion: x.Version,
                AlarmValue: x.Alarm.Value));
        }
    }

    private static Notification Failed(DescribedDeadLetter letter, string id, string correlationId, NotificationRequested request) => Notification.Apply(
        Notification.Apply(null, id, request, letter.SentAt, correlationId), id, new NotificationFailed(FailureStage.PutAside, $"Dead letter {letter.Id}: {letter.Fault}"), letter.SentAt);
}
