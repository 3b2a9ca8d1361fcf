using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Alarms.Reading;

/// <summary>Answers whether an alarm of Notify's own is active.</summary>
public static class AskOwnAlarmHandler
{
    public static async Task<OwnAlarmAnswered> Handle(
        AskOwnAlarm query, NpgsqlDataSource database, EventReader events, CancellationToken cancellation)
    {
        var id = Alarm.IdOf(query.SourceId, "", "");
        var (known, _, _) = await AlarmTable.LoadAsync(database, events, [id], [], cancellation);
        return new(known.GetValueOrDefault(id) is { IsActive: true });
    }
}
