using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Notify.Channels.Sending;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Delivery.Tests;

/// <summary>What tests without a database begin with.</summary>
internal static class Given
{
    public const string Robot = "wecom/robot/x";
    public const string App = "wecom/app/corp/1";
    public static readonly DateTimeOffset Now = new(2026, 9, 30, 4, 0, 0, TimeSpan.Zero);

    /// <summary>Of a key that is made when it is first used, and no work of these tests is about an alarm that has a link.</summary>
    public static AcknowledgeLinks Links { get; } = new(
        new PublicAddress(new ConfigurationBuilder().Build()), new MasterKey(Path.Combine(Path.GetTempPath(), $"notify-{Guid.NewGuid():N}")),
        Options.Create(new AcknowledgeLinkSettings()));

    public static Work Work(
        string id = "notification-1", string alarm = "alarm-1", string lane = Robot, int attempts = 0, int tries = 0, int unknowns = 0,
        string format = "text", MessageForm form = MessageForm.AsWritten, params IReadOnlyList<Receiver> receivers)
    {
        var any = new VersionedRef("x", 1, "x");
        var request = new NotificationRequested(
            alarm, alarm, "", AlarmLevel.High, AlarmState.ActiveUnacked, Now, any, any, any, any, "wecom", lane,
            receivers.Count > 0 ? receivers : [new Receiver("bot", "Line 1")], new RenderedMessage(format, "x", Mentions.None), AlarmVersion: 1);
        return new Work(id, lane, 1 + (2 * attempts), attempts, tries, 0, request, Now, "", "", Unknowns: unknowns, Form: form);
    }
}
