using Marten;
using Notify.Contracts.Rules;
using Wolverine;

namespace Notify.Rules.Deciding;

public static class AskScheduleHandler
{
    public static async Task<ScheduleAnswered> Handle(
        AskSchedule query, IQuerySession session, IMessageBus bus, CurrentSnapshot configuration, CancellationToken cancellation)
    {
        var snapshot = await configuration.GetAsync(session, bus, cancellation);
        return snapshot.StateOf(query.ScheduleId, query.At) is var (open, next) ? new ScheduleAnswered(open, next) : new ScheduleAnswered(true, null);
    }
}
