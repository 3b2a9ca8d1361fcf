using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Alarms;

/// <summary><c>POST /alarms/{id}/unshelve</c>: ends the shelving of an alarm early.</summary>
public sealed class Unshelve(OperatorChange change)
{
    /// <returns>The alarm afterwards.</returns>
    /// <exception cref="ProblemException">404: the alarm does not exist; 409: it is not shelved, or a silence shelves it.</exception>
    public Task<AlarmView> RunAsync(string id, AuditContext audit, CancellationToken cancellation) =>
        change.RunAsync(id, alarm => alarm.Unshelve(), audit, cancellation);

    public static void Map(RouteGroupBuilder alarms) =>
        alarms.MapPost("/{id}/unshelve", (string id, HttpContext http, Unshelve unshelve) =>
            unshelve.RunAsync(id, http.Audit(), http.RequestAborted)).Idempotent().Requires(Permission.AlarmsShelve).KeepsToPaths()
            .Document("unshelveAlarm", "Unshelve an alarm", "Ends the shelving early.")
            .Answers<AlarmView>();
}
