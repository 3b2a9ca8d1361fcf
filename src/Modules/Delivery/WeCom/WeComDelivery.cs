using System.Text;
using Notify.Contracts.Rules;
using Notify.Contracts.Services;
using Notify.Delivery.Channels;
using Notify.Delivery.Lanes;
using Notify.Kernel.Http;

namespace Notify.Delivery.WeCom;

/// <summary>Makes WeCom's requests of a notification, with the credentials the service has now.</summary>
public sealed class WeComDelivery(WeComClient client, CurrentServices services, PublicAddress address)
{
    /// <summary>Long enough for every retry that matters; the platform remembers for four hours at most.</summary>
    private static readonly TimeSpan DuplicateCheckInterval = TimeSpan.FromHours(4);

    /// <returns>What to send, or why nothing can be sent.</returns>
    public ValueTask<(Dispatch? Dispatch, SendOutcome? Refusal)> PrepareAsync(Work work, ServiceDescription? service, CancellationToken cancellation) =>
        service is { Enabled: false }
            ? new((null, Refuse($"The service '{service.Name}' was disabled.")))
            : PrepareAsync(work.Id, work.Request.AlarmId, work.Request.Receivers, ContentOf(work, LinkTo(work.Request.AlarmId)), work.Form, service, cancellation);

    /// <summary>Whether or not the service is enabled.</summary>
    /// <param name="deliveryId">Different for each delivery, the same for every try of one.</param>
    /// <param name="receivers">One robot, or any number of accounts.</param>
    public async ValueTask<(Dispatch? Dispatch, SendOutcome? Refusal)> PrepareAsync(
        string deliveryId, string alarmId, IReadOnlyList<Receiver> receivers, RenderedMessage content, MessageForm form, ServiceDescription? service,
        CancellationToken cancellation)
    {
        if (service?.WeCom is not { } weCom) return (null, Refuse("The service was removed."));
        var link = LinkTo(alarmId);
        if (receivers[0].Kind == Receiver.Bot)
        {
            if (CurrentServices.Robot(weCom, receivers[0].Alias) is not { } robot)
                return (null, Refuse($"The service '{service.Name}' no longer has the robot '{receivers[0].Alias}'."));
            var key = await services.RevealAsync(robot.KeyRef, robot.KeyFingerprint, cancellation);
            var webhook = new Uri($"{robot.Origin}/cgi-bin/webhook/send?key={key}");
            var payloads = RobotMessage.Plan(content, link, form);
            return (Of(payloads, (payload, token) => client.SendToRobotAsync(webhook, payload, token), repeatIsSafe: false), null);
        }

        if (weCom.App is not { } app) return (null, Refuse($"The service '{service.Name}' no longer sends to accounts."));
        var secret = await services.RevealAsync(app.SecretRef, app.SecretFingerprint, cancellation);
        var sender = new WeComApp(app.CorpId, (int)app.AgentId, secret);
        var messages = AppMessage.Plan(
            sender.AgentId, [.. receivers.Select(x => x.Account!)], content, link, new DuplicateCheck(DuplicateCheckInterval, deliveryId), form);
        return (Of(messages, (payload, token) => client.SendToAppAsync(sender, payload, token), repeatIsSafe: true), null);
    }

    /// <summary>One message that tells of as many of these as fit, the first ones; all on one lane and to the same receivers.</summary>
    /// <returns>The first with the words that tell of all, and how many those are: at least two. Null when not even two fit.</returns>
    public static (Work Listing, int Count)? Merge(IReadOnlyList<Work> waiting)
    {
        var first = waiting[0].Request;
        var robot = first.Receivers[0].Kind == Receiver.Bot;
        // Whoever one of them calls is called; only text calls everyone and mobile numbers in the same message.
        var plain = !robot || first.Content.Format == WeComFormats.Text || waiting.Any(x => x.Form >= MessageForm.PlainText)
            || waiting.Any(x => x.Request.Content.Mentions.Accounts.Count + x.Request.Content.Mentions.Mobiles.Count > 0);
        var format = plain ? WeComFormats.Text : WeComFormats.Markdown;
        var limit = WeComFormats.LimitBytes(robot, format) / (waiting.Any(x => x.Form > MessageForm.AsWritten) ? 2 : 1);
        return MergedText.Of([.. waiting.Select(x => x.Request)], format, limit, calls: robot) is var (message, count)
            ? (waiting[0] with { Request = first with { Content = message }, Form = MessageForm.AsWritten }, count)
            : null;
    }

    /// <summary>Where a click on a card leads.</summary>
    public Uri LinkTo(string alarmId) => new(address.LinkToAlarm(alarmId));

    private static Dispatch Of(IReadOnlyList<WeComPayload> payloads, Func<WeComPayload, CancellationToken, Task<SendOutcome>> send, bool repeatIsSafe) =>
        new([.. payloads.Select(x => Encoding.UTF8.GetString(x.Body.Span))], (i, token) => send(payloads[i], token), repeatIsSafe);

    /// <summary>The words of the message; our own when the platform has refused those, and which alarm it is when there are none.</summary>
    private static RenderedMessage ContentOf(Work work, Uri link) =>
        work.Form >= MessageForm.Minimal ? OwnWords.InPlaceOfRefused(work.Request, link, work.Request.Receivers[0].Kind == Receiver.Bot)
        : string.IsNullOrWhiteSpace(work.Request.Content.Text) ? OwnWords.InPlaceOfNothing(work.Request)
        : work.Request.Content;

    private static SendOutcome Refuse(string why) => new(OutcomeClass.Receiver) { PlatformMessage = why };
}
