using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Contracts.Alarms;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Alarms;

public sealed record AlarmCount(AlarmState State, AlarmLevel Level, bool Shelved, long Count);

/// <summary><c>GET /alarms/summary</c>: how many alarms are open.</summary>
public sealed class CountAlarms(NpgsqlDataSource database)
{
    public sealed record Answer(IReadOnlyList<AlarmCount> Items);

    /// <returns>One entry for each state, level and shelving with at least one alarm.</returns>
    public async Task<Answer> RunAsync(CancellationToken cancellation) => new(await AlarmTable.CountOpenAsync(database, cancellation));

    public static void Map(RouteGroupBuilder alarms) =>
        alarms.MapGet("/summary", (HttpContext http, CountAlarms count) => count.RunAsync(http.RequestAborted))
            .Requires(Permission.AlarmsRead).KeepsToPaths()
            .Document(
                "summarizeAlarms", "Number of open alarms",
                "How many alarms are open, by state, level and whether they are shelved. Alarms that are cleared and acknowledged are not counted.");
}
