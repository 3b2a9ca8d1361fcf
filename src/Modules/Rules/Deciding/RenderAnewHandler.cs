using Marten;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel.Http;
using Wolverine;

namespace Notify.Rules.Deciding;

/// <summary>Renders notifications that could not be rendered before, with the current messages, so that they can be resent.</summary>
public static class RenderAnewHandler
{
    public static async Task<RenderedAnew> Handle(
        RenderAnew query, IQuerySession session, IMessageBus bus, CurrentSnapshot configuration, AcknowledgeLinks links, TimeProvider time,
        CancellationToken cancellation)
    {
        var described = await bus.InvokeAsync<AlarmChangesDescribed>(
            new DescribeAlarmChanges([.. query.Wanted.Select(x => new AlarmVersion(x.AlarmId, x.AlarmVersion)).Distinct()]), cancellation);
        var alarms = described.Changes.ToDictionary(x => (x.AlarmId, x.Version), x => x.Alarm);
        var (snapshot, now) = (await configuration.GetAsync(session, bus, cancellation), time.GetUtcNow());
        var texts = new List<RenderedText>();
        foreach (var x in query.Wanted)
        {
            if (!alarms.TryGetValue((x.AlarmId, x.AlarmVersion), out var alarm)) continue;
            if (snapshot.Render(x.MessageId, x.ScheduleId, alarm, now, links.To(x.AlarmId, x.AlarmVersion)) is var (message, content)) texts.Add(
                new(x.NotificationId, message, content));
        }

        return new(texts);
    }
}
