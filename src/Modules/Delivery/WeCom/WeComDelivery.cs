using System.Text;
using Microsoft.Extensions.Configuration;
using Notify.Contracts.Rules;
using Notify.Contracts.Services;
using Notify.Delivery.Channels;
using Notify.Delivery.Notifications;

namespace Notify.Delivery.WeCom;

/// <summary>Makes WeCom's requests of a notification, with the credentials the service has now.</summary>
public sealed class WeComDelivery(WeComClient client, CurrentServices services, IConfiguration configuration)
{
    /// <summary>Long enough for every retry that matters; the platform remembers for four hours at most.</summary>
    private static readonly TimeSpan DuplicateCheckInterval = TimeSpan.FromHours(4);

    private readonly Uri? publicUrl = Uri.TryCreate(configuration["Notify:PublicUrl"], UriKind.Absolute, out var url) ? url : null;

    /// <returns>What to send, or why nothing can be sent.</returns>
    public ValueTask<(Dispatch? Dispatch, SendOutcome? Refusal)> PrepareAsync(
        string notificationId, NotificationRequested request, ServiceDescription? service, CancellationToken cancellation) =>
        service is { Enabled: false }
            ? new((null, Refuse($"The service '{service.Name}' was disabled.")))
            : PrepareAsync(notificationId, request.AlarmId, request.Receivers, request.Content, service, cancellation);

    /// <summary>Whether or not the service is enabled.</summary>
    /// <param name="deliveryId">Different for each delivery, the same for every try of one.</param>
    /// <param name="receivers">One robot, or any number of accounts.</param>
    public async ValueTask<(Dispatch? Dispatch, SendOutcome? Refusal)> PrepareAsync(
        string deliveryId, string alarmId, IReadOnlyList<Receiver> receivers, RenderedMessage content, ServiceDescription? service, CancellationToken cancellation)
    {
        if (service?.WeCom is not { } weCom) return (null, Refuse("The service was removed."));
        var link = LinkTo(alarmId);
        if (receivers[0].Kind == Receiver.Bot)
        {
            if (CurrentServices.Robot(weCom, receivers[0].Alias) is not { } robot)
                return (null, Refuse($"The service '{service.Name}' no longer has the robot '{receivers[0].Alias}'."));
            var key = await services.RevealAsync(robot.KeyRef, robot.KeyFingerprint, cancellation);
            var webhook = new Uri($"{robot.Origin}/cgi-bin/webhook/send?key={key}");
            var payloads = RobotMessage.Plan(content, link);
            return (Of(payloads, (payload, token) => client.SendToRobotAsync(webhook, payload, token), repeatIsSafe: false), null);
        }

        if (weCom.App is not { } app) return (null, Refuse($"The service '{service.Name}' no longer sends to accounts."));
        var secret = await services.RevealAsync(app.SecretRef, app.SecretFingerprint, cancellation);
        var sender = new WeComApp(app.CorpId, (int)app.AgentId, secret);
        var messages = AppMessage.Plan(
            sender.AgentId, [.. receivers.Select(x => x.Account!)], content, link, new DuplicateCheck(DuplicateCheckInterval, deliveryId));
        return (Of(messages, (payload, token) => client.SendToAppAsync(sender, payload, token), repeatIsSafe: true), null);
    }

    /// <summary>One message that tells of as many of these as fit, most urgent first; all on one lane and to the same receivers.</summary>
    /// <returns>The message and how many it holds: at least one.</returns>
    public async ValueTask<(Dispatch? Dispatch, int Count, SendOutcome? Refusal)> PrepareMergedAsync(
        IReadOnlyList<(string Id, NotificationRequested Request)> waiting, ServiceDescription? service, CancellationToken cancellation)
    {
        var first = waiting[0];
        var robot = first.Request.Receivers[0].Kind == Receiver.Bot;
        var format = first.Request.Content.Format == WeComFormats.Text || !robot ? WeComFormats.Text : WeComFormats.Markdown;
        var (text, count) = MergedText.Of([.. waiting.Select(x => x.Request)], WeComFormats.LimitBytes(robot, format));
        var merged = first.Request with { Content = new RenderedMessage(format, text, Mentions.None) };
        var (dispatch, refusal) = await PrepareAsync(first.Id, merged, service, cancellation);
        return (dispatch, count, refusal);
    }

    /// <summary>Where a click on a card leads; null when nobody said how people reach the console.</summary>
    public Uri? LinkTo(string alarmId) => publicUrl is null ? null : new Uri(publicUrl, $"alarms/{alarmId}");

    private static Dispatch Of(IReadOnlyList<WeComPayload> payloads, Func<WeComPayload, CancellationToken, Task<SendOutcome>> send, bool repeatIsSafe) =>
        new([.. payloads.Select(x => Encoding.UTF8.GetString(x.Body.Span))], (i, token) => send(payloads[i], token), repeatIsSafe);

    private static SendOutcome Refuse(string why) => new(OutcomeClass.Receiver) { PlatformMessage = why };
}
