using Notify.Channels.Http;
using Notify.Channels.Sending;
using Notify.Channels.Sms;
using Notify.Kernel.Secrets;

namespace Notify.Channels.SmsTwilio;

/// <summary>
/// Sends one request for each message to one number. A message that Twilio has accepted is not yet delivered: its status is queried until the phone
/// has confirmed it, and immediately when Twilio reports. Requests have no idempotency key, so one whose answer was lost is repeated once, marked
/// as a repeat. Of a text in several messages the next is sent only after the previous one has been sent, so that they arrive in order.
/// </summary>
internal sealed class TwilioDelivery(
    Lazy<TwilioClient> client, Uri apiBase, LaneLimits limits, Func<SecretRef, CancellationToken, ValueTask<string>> reveal) : IChannelDelivery
{
    public LaneLimits LimitsOf(string lane) => lane.StartsWith($"{TwilioChannel.TypeName}/", StringComparison.Ordinal)
        ? limits : throw new InvalidOperationException($"There is no lane '{lane}' here.");

    public async ValueTask<(Dispatch? Dispatch, SendOutcome? Refusal)> PrepareAsync(Letter letter, IRoutes routes, CancellationToken cancellation)
    {
        var settings = ((SmsRoutes<TwilioSettings>)routes).Settings;
        var account = await AccountOf(settings, cancellation);
        string[] forms = [.. TwilioMessages.PartsOf(letter.Content, letter.Form).Select(x => FormOf(settings, letter, x))];
        if (letter.Earlier is { RequestId: not null, IsWhole: true }) forms = forms[..1];
        return (new Dispatch(forms, SendAsync, RepeatIsSafe: false), null);

        Task<SendOutcome> SendAsync(int i, CancellationToken token)
        {
            var isLast = i == forms.Length - 1;
            return letter.Earlier is { RequestId: { } sid, Request: var asked } && asked == i
                ? client.Value.AskAsync(account, sid, isLast, token)
                : client.Value.SendAsync(account, forms[i], isLast, token);
        }
    }

    public MessageForm? NextForm(MessageForm current, string format, SendOutcome outcome) =>
        MessageForms.Next(current, isPlain: true, canBeShorter: true, outcome);

    public async ValueTask<TwilioAccount> AccountOf(TwilioSettings settings, CancellationToken cancellation) =>
        new(settings.ApiBaseUrl is { } own ? new(own) : apiBase, settings.AccountSid, await reveal(settings.AuthToken, cancellation));

    private static string FormOf(TwilioSettings settings, Letter letter, string text) => FormBody.Of(
        ("To", letter.Receivers[0].Account!), ("From", settings.From), ("MessagingServiceSid", settings.From is null ? settings.MessagingServiceSid : null),
        ("Body", text), ("StatusCallback", letter.ReportTo?.AbsoluteUri));
}
