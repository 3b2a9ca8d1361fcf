using Notify.Channels.Http;
using Notify.Channels.Messages;
using Notify.Channels.Sending;
using Notify.Channels.Sms;
using Notify.Kernel.Secrets;

namespace Notify.Channels.SmsAliyun;

/// <summary>
/// Sends one request for each number. "OK" means that the platform has accepted it; the receipt tells whether the phone has received it. If an answer
/// was lost, the receipts are searched for the delivery's id before sending again. They may come late, so a repeat is still marked as such.
/// </summary>
internal sealed class AliyunDelivery(
    Lazy<AliyunClient> client, LaneLimits limits, Func<SecretRef, CancellationToken, ValueTask<string>> reveal) : IChannelDelivery
{
    public LaneLimits LimitsOf(string lane) => lane.StartsWith($"{AliyunChannel.TypeName}/", StringComparison.Ordinal)
        ? limits : throw new InvalidOperationException($"There is no lane '{lane}' here.");

    public async ValueTask<(Dispatch? Dispatch, SendOutcome? Refusal)> PrepareAsync(Letter letter, IRoutes routes, CancellationToken cancellation)
    {
        var fields = letter.Content.Fields;
        if (fields?.GetValueOrDefault(AliyunMessages.TemplateCode) is not { } template || !fields.TryGetValue(AliyunMessages.SignName, out var sign))
        {
            return (null, new(OutcomeClass.Message)
            {
                PlatformCode = AliyunErrors.NoTemplate,
                PlatformMessage = "The message has no template.",
            });
        }

        var account = await AccountOf(((SmsRoutes<AliyunSettings>)routes).Settings, cancellation);
        var number = NumberOf(letter.Receivers[0].Account!);
        var form = FormBody.Of(
            ("PhoneNumbers", number), ("SignName", sign), ("TemplateCode", template),
            ("TemplateParam", AliyunMessages.ParametersOf(letter.Content, letter.Form)), ("OutId", letter.DeliveryId));
        return (new Dispatch([form], (_, token) => SendAsync(account, form, number, letter, token), RepeatIsSafe: false), null);
    }

    public MessageForm? NextForm(MessageForm current, string format, SendOutcome outcome) =>
        MessageForms.Next(current, isPlain: true, canBeShorter: true, outcome);

    public async ValueTask<AliyunAccount> AccountOf(AliyunSettings settings, CancellationToken cancellation) =>
        new(settings.ToUri(), settings.AccessKeyId, await reveal(settings.AccessKeySecret, cancellation));

    private async Task<SendOutcome> SendAsync(
        AliyunAccount account, string form, string number, Letter letter, CancellationToken cancellation)
    {
        var (taken, mayHave) = (letter.Earlier?.RequestId, letter.Earlier?.MayHaveArrived == true);
        if (taken is not null || mayHave)
        {
            var bizId = taken is { Length: > 0 } ? taken : null;
            var known = await client.Value.AskAsync(account, number, bizId, letter.DeliveryId, cancellation);
            // Without receipts nobody knows whether the platform has the message, and for an alarm silence is worse than a second copy.
            if (known is not null && (taken is not null || !known.IsRefusedQuery)) return known;
            // Receipts take a moment to appear; the platform has the message all the same.
            if (taken is not null) return new(OutcomeClass.Accepted) { PlatformCode = AliyunErrors.UnderWay, RequestId = taken };
        }

        return await client.Value.SendAsync(account, form, cancellation);
    }

    /// <summary>Numbers of mainland China are sent without their country code, others without the plus sign.</summary>
    private static string NumberOf(string e164) => e164.StartsWith("+86", StringComparison.Ordinal) ? e164[3..] : e164[1..];
}
