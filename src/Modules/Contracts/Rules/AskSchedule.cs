using Wolverine.Attributes;

namespace Notify.Contracts.Rules;

/// <summary>Asks the Rules module whether this schedule is open at this moment.</summary>
[MessageIdentity("notify.rules.ask-schedule.v1")]
public sealed record AskSchedule(string ScheduleId, DateTimeOffset At) : BusMessage;

/// <param name="Open">Also true if the schedule is disabled or no longer exists: then it holds nothing back.</param>
/// <param name="NextChange">When it next opens or closes; null if not within three years.</param>
[MessageIdentity("notify.rules.schedule-answered.v1")]
public sealed record ScheduleAnswered(bool Open, DateTimeOffset? NextChange) : BusMessage;
