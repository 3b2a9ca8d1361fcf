using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel.Events;
using Notify.Kernel.Texts;
using Notify.Rules.Deciding;
using Notify.Rules.Explaining;

namespace Notify.Rules.Tests.Explaining;

public class PlannedForLaterTests
{
    private static readonly BilingualText decided = new("zhangsan was to be notified.", "应通知 zhangsan。");

    [Fact]
    public void a_reminder_that_the_schedule_suppressed_notified_nobody()
    {
        Of(null, "schedule").En.Should().Be(
            $"{decided.En} Later they were notified 1 time, since nobody had reacted. 1 later notification was not sent: the schedule was closed.");
        Of("schedule", "holiday", "schedule").En.Should().Be(
            $"{decided.En} 3 later notifications were not sent: the schedule was closed; a holiday paused the schedule.");
        Of("schedule").Zh.Should().Be($"{decided.Zh}之后有 1 次通知未发送：不在通知日程的时段内。");
        Of(null, null).Zh.Should().Be($"{decided.Zh}因无人响应，之后又通知了 2 次。");
    }

    [Fact]
    public void another_way_that_was_suppressed_notified_nobody()
    {
        BilingualText Of(params DecidedAction[] actions) => ExplainedOtherWay.After(decided, [ExplainedOtherWay.Of(
            Stored(new object()),
            new("notification-1", "alarm-1", "Overpressure", "Site1", 1, new("r0", 1, "Rule 0"), 0, "failed", null, 1, actions, null))]);

        Of(Action("zhangsan", null), Action("lisi", "personDisabled")).En.Should()
            .Be($"{decided.En} Another way was taken, to zhangsan, since the notification did not arrive: failed.");
        Of(Action("zhangsan", "serviceDisabled")).Should().Be(new BilingualText(
            $"{decided.En} No other way was taken: the service is disabled.", $"{decided.Zh}未走备用途径：通知服务已停用。"));
    }

    private static BilingualText Of(params string?[] performances)
    {
        var planned = new StepPlanned("alarm-1", "Overpressure", "Site1", AlarmLevel.High, 1, new("r0", 1, "Rule 0"), 0, StepKind.Reminder, Given.Noon);
        var step = PlannedForLater.Of(new("step-1", "r0", 1, 0, StepKind.Reminder, Given.Noon),
            [
                Stored(planned),
                .. performances.Select((x, i) => Stored(new StepPerformed(StepKind.Reminder, i + 1, 1, 1, [Action("zhangsan", x)], null))),
            ]);
        return PlannedForLater.After(decided, [step]);
    }

    private static StoredEvent Stored(object data) => new("step-1", 1, Guid.Empty, data, Given.Noon, null, 1);

    private static DecidedAction Action(string account, string? suppressed) =>
        new("notification-2", "r0", 1, 0, [Given.Account(account)], suppressed);
}
