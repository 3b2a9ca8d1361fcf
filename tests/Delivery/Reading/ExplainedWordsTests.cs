using Notify.Contracts.Rules;
using Notify.Delivery.Channels;
using Notify.Delivery.Notifications;
using Notify.Delivery.Reading;
using Notify.Rules.Deciding;

namespace Notify.Delivery.Tests.Reading;

/// <summary>What is said of a notification, by its events alone.</summary>
public sealed class ExplainedWordsTests
{
    [Fact]
    public void what_no_account_got_names_the_platforms_list()
    {
        var notification = Of(Requested, new AttemptStarted(1, "node", ["{}"]), new AttemptFailed(
            1, OutcomeClass.Receiver, 200, 0, "ok, but for no receiver: unlicenseduser", null, null, FailedReceivers: [new FailedReceiver("LISI", "unlicenseduser")]));
        notification.Receivers.Should().ContainSingle().Which.PlatformCode.Should().Be("unlicenseduser");
        Explanations.Of(notification, null)!.Advice.Zh.Should().Contain("接口许可");
    }

    [Fact]
    public void what_its_node_left_to_another_one_waits_for_its_turn()
    {
        var notification = Of(Requested, new AttemptStarted(1, "node", ["{}"]), new AttemptFailed(1, OutcomeClass.Retry, null, null, "Not sent: this node was stopped before.", null, DateTimeOffset.MaxValue));
        Explanations.Of(notification, null)!.Advice.Zh.Should().Contain("排队");
        notification.MayHaveArrivedTwice.Should().BeFalse();
    }

    [Fact]
    public void every_reason_not_to_send_is_explained()
    {
        var reasons = typeof(Suppression).GetFields().Select(x => (string)x.GetRawConstantValue()!).Except([Suppression.RuleDoesNotMatch, Suppression.NoRuleMatches]).Append(NotificationTable.Superseded).ToList();
        reasons.Should().HaveCountGreaterThan(10);
        foreach (var reason in reasons) Explanations.Of(Suppressed(reason), null).Should().NotBeNull(reason);
        Explanations.Of(Suppressed("cancelled: told by phone"), null).Should().BeNull("somebody said why");

        static Notification Suppressed(string reason) => Of(Requested, new NotificationSuppressed(reason));
    }

    private static NotificationRequested Requested
    {
        get
        {
            var it = new VersionedRef("x", 1, "x");
            return new(
                "alarm", "Hot", "Site1", default, default, default, it, it, it, it, "wecom", "wecom/app/a/1", [new Receiver("account", Account: "lisi")],
                new RenderedMessage("text", "Hot", Mentions.None));
        }
    }

    private static Notification Of(params object[] events) => events.Aggregate((Notification?)null, (n, e) => Notification.Apply(n, "notification-1", e, default))!;
}
