using Notify.Kernel.Events;
using Notify.Kernel.Texts;

namespace Notify.Alarms;

internal static class EventSummaries
{
    private static readonly BilingualText reported = new("reported by", "上报");

    public static readonly EventSummary[] All =
    [
        new(
            AlarmsModule.ReportedEvent,
            "Alarm “{name}” is {state}[, level {level}][, value {value}][; late report: changes nothing and notifies nobody{?late}][; shelved by silence {silence.id} of {silence.by} until {silence.until}][; time given by its source: {givenEventTime}]",
            "报警“{name}”{state}[，级别{level}][，值 {value}][；迟到的上报，不改变状态，也不通知{?late}][；由 {silence.by} 的静默 {silence.id} 搁置至 {silence.until}][；来源给出的时间为 {givenEventTime}]") { By = reported },
        new(
            AlarmsModule.RepeatedEvent,
            "Alarm “{name}” was reported again as {state} at {eventTime} ({times}×): a repeat of version {repeats}, notifies nobody[; value {value}][; further repeats until {quietUntil} are not recorded]",
            "报警“{name}”重复上报{state}，时间 {eventTime}（{times} 次）：与版本 {repeats} 相同，不再通知[；值 {value}][；{quietUntil} 前不再记录重复上报]") { By = reported },
        new(
            "alarms.put_away_report_repeated.v1",
            "Alarm “{name}” was reported again as {state} at {eventTime} ({times}×): a repeat of a report removed by retention, notifies nobody[; further repeats until {quietUntil} are not recorded]",
            "报警“{name}”重复上报{state}，时间 {eventTime}（{times} 次）：与已到期清除的上报相同，不再通知[；{quietUntil} 前不再记录重复上报]") { By = reported },
        new("alarms.alarm_expired.v1", "Alarm “{name}” counts as cleared, because its source stopped reporting", "报警“{name}”的来源不再上报，视为已消除"),
        new("alarms.alarm_acknowledged.v1", "Alarm “{name}” was acknowledged[: {note}][ (by the link {link})][ (sent to that person by {channel})]", "报警“{name}”已确认[：{note}][（通过链接 {link}）][（该链接经 {channel} 发给本人）]"),
        new("alarms.alarm_shelved.v1", "Alarm “{name}” was shelved until {until}[ by silence {silence.id} of {silence.by}][: {reason}]", "报警“{name}”已[由 {silence.by} 的静默 {silence.id} ]搁置至 {until}[：{reason}]"),
        new("alarms.alarm_unshelved.v1", "Alarm “{name}” is no longer shelved[ by silence {silence}][; the time was up{?timeIsUp}]", "报警“{name}”解除搁置[（静默 {silence}）][（到期）{?timeIsUp}]"),
        new(
            "alarms.silence_created.v1",
            "A silence of {by} for {name} was created, from {startsAt} until {endsAt}[: {reason}][; it replaces {replaces}][ (paths: {paths})]",
            "{by} 新增静默 {name}，{startsAt} 至 {endsAt}[：{reason}][；替换 {replaces}][（路径：{paths}）]"),
        new(
            "alarms.silence_changed.v1", "The silence for {name} was changed: from {startsAt} until {endsAt}, of {by}[: {reason}]",
            "修改静默 {name}：{startsAt} 至 {endsAt}，{by}[：{reason}]"),
        .. EventSummary.OfResource("alarms.expected_source", "Expected source", "预期来源"),
        new("alarms.silence_expired.v1", "The silence for {name} ended[; the time was up{?timeIsUp}]", "静默 {name} 已结束[（到期）{?timeIsUp}]"),
    ];
}
