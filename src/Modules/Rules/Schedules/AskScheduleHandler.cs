using Marten;
using Notify.Contracts.Rules;
using Notify.Rules.Deciding;
using Wolverine;

namespace Notify.Rules.Schedules;

public static class AskScheduleHandler
{
    public static async Task<ScheduleAnswered> Handle(
        AskSchedule query, IQuerySession session, IMessageBus bus, CurrentSnapshot configuration, CancellationToken cancellation)
    {
        var snapshot = await configuration.GetAsync(session, bus, cancellation);
        return snapshot.StateOf(query.ScheduleId, query.At) is var (open, next) ? new ScheduleAnswered(open, next) : new ScheduleAnswered(true, null);
    }
}
