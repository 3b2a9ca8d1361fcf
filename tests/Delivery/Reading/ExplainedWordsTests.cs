using Notify.Channels.Sending;
using Notify.Contracts.Rules;
using Notify.Delivery.Notifications;
using Notify.Delivery.Reading;
using Notify.Rules.Deciding;
using Notify.Testing;

namespace Notify.Delivery.Tests.Reading;

/// <summary>What is said of a notification, by its events alone.</summary>
public sealed class ExplainedWordsTests
{
    [Fact]
    public void what_no_account_got_names_the_platforms_list()
    {
        var notification = Of(Requested, new AttemptStarted(1, "node", ["{}"]), new AttemptFailed(
            1, OutcomeClass.Receiver, 200, "0", "ok, but for no receiver: unlicenseduser", null, null,
            FailedReceivers: [new FailedReceiver("LISI", "unlicenseduser")]));
        notification.Receivers.Should().ContainSingle().Which.PlatformCode.Should().Be("unlicenseduser");
        NotificationExplanations.Of(notification, null, TestChannels.All)!.Advice.Zh.Should().Contain("接口许可");
    }

    [Fact]
    public void what_its_node_left_to_another_one_waits_for_its_turn()
    {
        var notification = Of(Requested, new AttemptStarted(1, "node", ["{}"]),
            new AttemptFailed(1, OutcomeClass.Retry, null, null, "Not sent: this node was stopped before.", null, DateTimeOffset.MaxValue));
        NotificationExplanations.Of(notification, null, TestChannels.All)!.Advice.Zh.Should().Contain("排队");
        notification.MayHaveArrivedTwice.Should().BeFalse();
    }

    [Fact]
    public void every_reason_not_to_send_is_explained()
    {
        var reasons = typeof(Suppression).GetFields().Select(x => (string)x.GetRawConstantValue()!)
            .Except([Suppression.RuleDoesNotMatch, Suppression.NoRuleMatches, Suppression.NotNeeded]).Append(NotificationTable.Superseded).ToList();
        reasons.Should().HaveCountGreaterThan(10);
        foreach (var reason in reasons) NotificationExplanations.Of(Suppressed(reason), null, TestChannels.All).Should().NotBeNull(reason);
        NotificationExplanations.Of(Suppressed("cancelled: told by phone"), null, TestChannels.All).Should().BeNull("somebody said why");

        static Notification Suppressed(string reason) => Of(Requested, new NotificationSuppressed(reason));
    }

    private static NotificationRequested Requested
    {
        get
        {
            var it = new VersionedRef("x", 1, "x");
            return new(
                "alarm", "Hot", "Site1", default, default, default, it, it, it, it, "wecom", "wecom/app/a/1",
                [new Receiver("account", Account: "lisi")],
                new RenderedMessage("text", "Hot", Mentions.None));
        }
    }

    private static Notification Of(params object[] events) =>
        events.Aggregate((Notification?)null, (n, e) => Notification.Apply(n, "notification-1", e, default))!;
}
