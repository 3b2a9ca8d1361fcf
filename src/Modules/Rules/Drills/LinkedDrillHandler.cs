using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Rules.Drills;

/// <summary>Serves the page behind the link in a drill's message: describes the run and records the confirmation.</summary>
public static class LinkedDrillHandler
{
    public static async Task<DrillDescribed> Handle(DescribeDrill query, DrillRuns runs, TimeProvider time, CancellationToken cancellation) =>
        new(Of(await runs.FindAsync(query.RunId, cancellation), time.GetUtcNow()));

    public static async Task<DrillDescribed> Handle(ConfirmDrill command, DrillRuns runs, TimeProvider time)
    {
        var by = command.Actor;
        var audit = new AuditContext(new Actor(by.Id, by.Name, by.Kind), by.CorrelationId, null, by.SourceIp, by.Reason, by.Client);
        var confirmed = false;
        var run = await runs.ChangeAsync(
            command.RunId,
            (x, now) =>
            {
                var e = x.Confirm(by.Name, command.Note, command.Link, now);
                confirmed = e is not null;
                return e;
            }, audit);
        return new(Of(run, time.GetUtcNow())) { Confirmed = confirmed };
    }

    private static LinkedDrill? Of(DrillRun? run, DateTimeOffset now) => run is null ? null : new(
        run.Drill.Name, run.StartedAt, run.ConfirmBy, run.ConfirmWithinMinutes is not null && run.ConfirmedAt is null && run.IsOpen(now),
        run.ConfirmedBy, run.Note, run.ConfirmedAt);
}
