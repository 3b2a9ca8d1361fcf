using Notify.Channels;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Delivery.Lanes;
using Notify.Kernel;
using Notify.Testing;

namespace Notify.Delivery.Tests.Lanes;

public sealed class LaneAlarmTests
{
    private static readonly DateTimeOffset at = new(2026, 9, 30, 4, 0, 0, TimeSpan.Zero);
    private static readonly IChannel channel = TestChannels.All.Default;
    private static readonly AuditContext audit = AuditContext.OfSystem("correlation", "cause");

    [Theory]
    [InlineData("Plant", "Line 1", "Notify/Delivery/Plant/Line 1")]
    [InlineData("A/B", "**", "Notify/Delivery/A／B/＊＊")]
    [InlineData("厂区", null, "Notify/Delivery/厂区/app 1000002")]
    public void its_path_has_four_segments_that_a_rule_can_name(string service, string? robot, string path)
    {
        var alarm = LaneAlarm.Raised(Blocked(service, robot, 60020, "not allow"), channel, at, audit);
        alarm.Path.Should().Be(path);
        PathPattern.FaultOf(alarm.Path).Should().BeNull();
        PathPattern.SegmentsOf(alarm.Path).Should().HaveCount(4);
    }

    [Fact]
    public void it_is_the_lanes_whatever_its_service_is_called()
    {
        var raised = LaneAlarm.Raised(Blocked("Plant", null, 60020, "not allow"), channel, at, audit);
        var cleared = LaneAlarm.Cleared(Blocked("Works", null, 60020, "not allow"), channel, LaneMended.ByProbe, at.AddSeconds(1), audit);
        cleared.SourceId.Should().Be(raised.SourceId).And.NotBeNull();
        (raised.State, raised.Level, cleared.State).Should().Be((AlarmState.ActiveUnacked, AlarmLevel.High, AlarmState.ClearedUnacked));
    }

    [Fact]
    public void it_says_in_both_languages_what_does_not_pass_why_and_what_to_do() =>
        LaneAlarm.Raised(Blocked("Plant", "Line 1", 93000, "invalid webhook url") with { EgressIp = "203.0.113.7" }, channel, at,
            audit).Description.Should().Be(
            """
            通知服务“Plant”的机器人“Line 1”无法发送，待发通知已保留。Webhook 地址不正确，或机器人已被移出群聊。处理：在群聊“群设置 > 消息推送（群机器人）”中确认机器人；若已移除请重新添加，复制 Webhook 地址并保存到通知服务。修正后会自动恢复；测试发送成功则立即恢复。
            Nothing can be sent through the robot “Line 1” of the service “Plant”; waiting notifications are held. The webhook URL is wrong, or the robot was removed from its group. What to do: In the group: Group settings > Message push (group robot); add the robot again if it is gone, copy its webhook URL and save it in the service. Sending then resumes automatically, or at once when a test send passes.
            原因 Reason: 93000 invalid webhook url (IP 203.0.113.7)
            """);

    [Fact]
    public void what_something_between_says_at_length_is_cut_at_a_whole_character()
    {
        var alarm = LaneAlarm.Raised(Blocked("Plant", null, null, new string('x', 499) + "😀" + new string('y', 60_000)), channel, at, audit);
        alarm.Description.Length.Should().BeLessThan(2000);
        alarm.Description.Should().Contain("x …").And.NotContain("\uD83D");
    }

    [Theory]
    [InlineData(60020, "not allow", null, "60020 not allow")]
    [InlineData(null, "The secret cannot be opened.", null, "The secret cannot be opened.")]
    [InlineData(93000, null, "Copy its webhook URL.", "93000 Copy its webhook URL.")]
    public void the_log_says_what_is_known_of_the_cause_and_nothing_of_what_is_not(int? code, string? words, string? advice, string cause) =>
        LaneIncidents.CauseOf(Blocked("Plant", "Line 1", code, words) with { Advice = advice }).Should().Be(cause);

    private static LaneBlocked Blocked(string service, string? robot, int? code, string? words) => new(
        robot is null ? "wecom/app/corp/1000002" : "wecom/robot/1234", service, new VersionedRef("service-1", 1, service), robot,
        code?.ToString(System.Globalization.CultureInfo.InvariantCulture), words, null, null);
}
