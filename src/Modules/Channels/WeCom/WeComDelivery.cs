using System.Text;
using Notify.Channels.Sending;
using Notify.Kernel.Secrets;

namespace Notify.Channels.WeCom;

/// <summary>Turns a message into WeCom requests, with the service's current credentials.</summary>
internal sealed class WeComDelivery(
    WeComLanes lanes, Lazy<WeComClient> client, Func<SecretRef, CancellationToken, ValueTask<string>> reveal) : IChannelDelivery
{
    /// <summary>The platform's maximum, and long enough for all usual retries.</summary>
    private static readonly TimeSpan DuplicateCheckInterval = TimeSpan.FromHours(4);

    public LaneLimits LimitsOf(string lane) => lanes.LimitsOf(lane);

    public async ValueTask<(Dispatch? Dispatch, SendOutcome? Refusal)> PrepareAsync(Letter letter, IRoutes routes, CancellationToken cancellation)
    {
        var (weCom, receivers) = ((WeComRoutes)routes, letter.Receivers);
        if (receivers[0].Kind == WeComSettings.Bot)
        {
            if (weCom.Robot(receivers[0].Alias) is not { } robot) return (
                null, Refuse($"The service '{letter.Service}' no longer has the robot '{receivers[0].Alias}'."));
            var webhook = new Uri(WebhookUrl.Unmask(robot.WebhookUrl, await reveal(robot.Key, cancellation)));
            var payloads = RobotMessage.Plan(letter.Content, letter.Link, letter.Form);
            return (Of(payloads, (payload, token) => client.Value.SendToRobotAsync(webhook, payload, token), repeatIsSafe: false), null);
        }

        if (weCom.App is not { } app) return (null, Refuse($"The service '{letter.Service}' no longer sends to accounts."));
        var sender = new WeComSender(app.CorpId, (int)app.AgentId, await reveal(app.Secret, cancellation))
        {
            ApiBase = weCom.Settings.ApiBaseUrl,
        };
        var messages = AppMessage.Plan(
            sender.AgentId, NamesOf(WeComSettings.Account), letter.Content, letter.Link,
            new DuplicateCheck(DuplicateCheckInterval, letter.DeliveryId), letter.Form,
            new(NamesOf(WeComSettings.Party), NamesOf(WeComSettings.Tag)));
        var sends = new RefusedAmongMany((payload, token) => client.Value.SendToAppAsync(sender, payload, token), isWhole: messages.Count == 1);
        var dispatch = Of(messages, sends.SendAsync, repeatIsSafe: true);
        return (dispatch with { IsFor = (i, x) => messages[i].IsFor(x) }, null);

        IReadOnlyList<string> NamesOf(string kind) => [.. receivers.Where(x => x.Kind == kind).Select(x => x.Account!)];
    }

    public MessageForm? NextForm(MessageForm current, string format, SendOutcome outcome) =>
        MessageForms.Next(current, isPlain: format == WeComFormats.Text, canBeShorter: format != WeComFormats.TemplateCard, outcome);

    private static Dispatch Of(
        IReadOnlyList<WeComPayload> payloads, Func<WeComPayload, CancellationToken, Task<SendOutcome>> send, bool repeatIsSafe) =>
        new([.. payloads.Select(x => Encoding.UTF8.GetString(x.Body.Span))], (i, token) => send(payloads[i], token), repeatIsSafe);

    private static SendOutcome Refuse(string why) => new(OutcomeClass.Receiver) { PlatformMessage = why };
}
