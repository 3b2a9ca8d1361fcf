using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Alarms;

/// <summary><c>POST /alarms/{id}/unshelve</c>: it counts again before its time.</summary>
public static class Unshelve
{
    public static void Map(RouteGroupBuilder alarms) =>
        alarms.MapPost("/{id}/unshelve", (string id, HttpContext http, AlarmWriter writer, NpgsqlDataSource database) =>
            writer.ChangeAsync(id, alarm => alarm.Unshelve(), http, database)).Idempotent().Requires(Permission.AlarmsShelve)
            .Document("unshelveAlarm", "Unshelve an alarm", "Ends the shelving early.")
            .Answers<AlarmView>();
}
