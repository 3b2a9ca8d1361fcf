using Notify.Alarms.Alarms;
using Notify.Contracts.Alarms;
using Notify.Kernel.Events;

namespace Notify.Alarms.Reading;

/// <summary>Says again what the deciders were told of an alarm: its events are folded up to the change that is asked about.</summary>
public static class DescribeAlarmChangesHandler
{
    public static async Task<AlarmChangesDescribed> Handle(DescribeAlarmChanges query, EventReader events, CancellationToken cancellation)
    {
        var wanted = query.Changes.Select(x => (x.AlarmId, x.Version)).ToHashSet();
        string[] alarms = [.. wanted.Select(x => x.AlarmId).Append(query.AlarmId ?? "").Where(Alarm.IsId).Distinct(StringComparer.Ordinal)];
        var changes = new List<DescribedAlarmChange>();
        Alarm? alarm = null;
        foreach (var e in await events.ReadAsync(alarms, cancellation))
        {
            alarm = Alarm.Apply(alarm?.Id == e.StreamId ? alarm : null, e.StreamId, e.Data);
            if (e.StreamId != query.AlarmId && !wanted.Contains((e.StreamId, e.Version))) continue;
            changes.Add(new(e.StreamId, e.Version, e.Sequence, e.Id, KindOf(e.Data), e.At, e.CorrelationId, Alarm.FactsAfter(e.Data, alarm)));
        }

        return new AlarmChangesDescribed(changes);
    }

    private static string KindOf(object fact) => fact switch
    {
        AlarmReported => "reported",
        AlarmExpired => "expired",
        AlarmAcknowledged => "acknowledged",
        AlarmShelved => "shelved",
        AlarmUnshelved => "unshelved",
        _ => throw new InvalidOperationException($"An alarm knows no {fact.GetType().Name}."),
    };
}
