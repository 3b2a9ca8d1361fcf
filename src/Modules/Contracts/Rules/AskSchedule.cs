using Wolverine.Attributes;

namespace Notify.Contracts.Rules;

/// <summary>Asked of the Rules module: may notifications of this schedule go out at this moment?</summary>
[MessageIdentity("notify.rules.ask-schedule.v1")]
public sealed record AskSchedule(string ScheduleId, DateTimeOffset At) : BusMessage;

/// <param name="Open">Also when there is no such schedule any more, or none that is enabled: nothing holds anything back then.</param>
/// <param name="NextChange">When it opens, if it is closed, or closes; null when that is not within three years.</param>
[MessageIdentity("notify.rules.schedule-answered.v1")]
public sealed record ScheduleAnswered(bool Open, DateTimeOffset? NextChange) : BusMessage;
