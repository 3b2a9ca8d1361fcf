using Notify.Channels.Fields;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;
using Notify.Kernel.Secrets;

namespace Notify.Channels.DingTalk;

/// <summary>
/// Turns a message into DingTalk requests. Only one source states that robots drop a repeat with the same <c>msgUuid</c>: it is sent, but Notify
/// still assumes that a repeat may be shown twice.
/// </summary>
internal sealed class DingTalkDelivery(
    Lazy<DingTalkClient> client, PlatformAddress address, DingTalkOptions options,
    Func<SecretRef, CancellationToken, ValueTask<string>> reveal) : IChannelDelivery
{
    private readonly LaneLimits robot = new(options.BotLimitPerMinute, 0, 0)
    {
        InOrder = options.BotLimitPerMinute > 0,
        ProbeInterval = options.ProbeInterval,
    };

    private readonly LaneLimits app = new(options.MemberLimitPerMinute, 0, 0)
    {
        Members = DingTalkChannel.MemberKind,
        WaitGrows = true,
        ProbeInterval = options.ProbeInterval,
    };

    public LaneLimits LimitsOf(string lane) =>
        lane.StartsWith(DingTalkRoutes.RobotLane, StringComparison.Ordinal) ? robot
        : lane.StartsWith(DingTalkRoutes.AppLane, StringComparison.Ordinal) ? app
        : throw new InvalidOperationException($"DingTalk has no lane '{lane}'.");

    public async ValueTask<(Dispatch? Dispatch, SendOutcome? Refusal)> PrepareAsync(Letter letter, IRoutes routes, CancellationToken cancellation)
    {
        var dingTalk = (DingTalkRoutes)routes;
        return letter.Receivers[0].Kind == DingTalkSettings.Bot
            ? await ToRobotAsync(letter, dingTalk, cancellation) : await ToMembersAsync(letter, dingTalk, cancellation);
    }

    public MessageForm? NextForm(MessageForm current, string format, SendOutcome outcome) =>
        MessageForms.Next(current, isPlain: format == DingTalkMessage.Text, canBeShorter: true, outcome);

    private async ValueTask<(Dispatch?, SendOutcome?)> ToRobotAsync(Letter letter, DingTalkRoutes routes, CancellationToken cancellation)
    {
        var alias = letter.Receivers[0].Alias;
        if (routes.Robot(alias) is not { } robot) return (null, Refuse($"The service '{letter.Service}' no longer has the robot '{alias}'."));
        var key = await reveal(robot.WebhookUrl.Key, cancellation);
        var secret = robot.SignSecret is { } sealedSecret ? await reveal(sealedSecret, cancellation) : null;
        var url = new Uri(address.Whole(robot.WebhookUrl.Shown, key));
        var parts = DingTalkMessage.ToRobot(letter.Content, letter.Link, letter.Form, robot.Keyword, letter.DeliveryId);
        return (Of(parts, (part, token) => client.Value.SendToRobotAsync(url, key, secret, part.Body, token)), null);
    }

    private async ValueTask<(Dispatch?, SendOutcome?)> ToMembersAsync(Letter letter, DingTalkRoutes routes, CancellationToken cancellation)
    {
        if (routes.App is not { } app) return (null, Refuse($"The service '{letter.Service}' no longer sends to members."));
        var sender = new DingTalkSender(app.ClientId, await reveal(app.ClientSecret, cancellation));
        var users = routes.UsersOf(letter.Receivers, letter.Earlier?.Judged ?? []);
        if (users.Count == 0) return (null, Refuse($"The service '{letter.Service}' no longer has these members."));
        var isForAll = letter.Receivers.Any(x => x.Account == Receiver.All);
        var parts = DingTalkMessage.ToMembers(app.RobotCode, users, letter.Content, letter.Link, letter.Form);
        var dispatch = Of(parts, async (part, token) =>
        {
            var outcome = await client.Value.SendToMembersAsync(sender, part.Body, part.Users, isOne: parts.Count == 1, token);
            return !isForAll ? outcome : outcome with
            {
                Unjudged = [.. part.Users.Where(x => !outcome.Receivers.Any(r => r.IsOf(DingTalkSettings.Member, x)))],
            };
        });
        return (dispatch with
        {
            IsFor = (i, x) => x.Account == Receiver.All || parts[i].Users.Contains(x.Account!, StringComparer.OrdinalIgnoreCase),
        }, null);
    }

    private static Dispatch Of(
        IReadOnlyList<DingTalkMessage.Part> parts, Func<DingTalkMessage.Part, CancellationToken, Task<SendOutcome>> send) =>
        new([.. parts.Select(x => DingTalkClient.Write(x.Body))], (i, token) => send(parts[i], token), RepeatIsSafe: false);

    private static SendOutcome Refuse(string why) => new(OutcomeClass.Receiver) { PlatformMessage = why };
}
