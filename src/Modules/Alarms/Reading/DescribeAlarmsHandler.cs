using Notify.Contracts.Alarms;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Alarms.Reading;

public static class DescribeAlarmsHandler
{
    public static async Task<AlarmsDescribed> Handle(
        DescribeAlarms query, NpgsqlDataSource database, EventReader events, CancellationToken cancellation)
    {
        var (alarms, _, _) = await AlarmTable.LoadAsync(database, events, [.. query.AlarmIds], [], cancellation);
        return new AlarmsDescribed([.. alarms.Values.Select(x => new DescribedAlarm(x.Id, x.Version, x.Facts))]);
    }
}
