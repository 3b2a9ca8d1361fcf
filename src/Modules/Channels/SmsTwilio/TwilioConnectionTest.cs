using System.Runtime.CompilerServices;
using Notify.Channels.Connections;
using Notify.Channels.Sending;
using Notify.Channels.Sms;
using Notify.Channels.Texts;

namespace Notify.Channels.SmsTwilio;

/// <summary>Reads the account, which shows whether its token is valid and the account is active.</summary>
internal sealed class TwilioConnectionTest(Lazy<TwilioClient> client, TwilioDelivery delivery, IChannelTexts texts) : IConnectionTest
{
    private static readonly Explained closed = new(
        new("The account is suspended or closed.", "账户已被暂停或关闭。"),
        new("See the Twilio Console; often the balance is used up.", "请查看 Twilio 控制台；常见原因是余额用完。"));

    public async IAsyncEnumerable<ConnectionCheck> TestAsync(IRoutes routes, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var account = await delivery.AccountOf(((SmsRoutes<TwilioSettings>)routes).Settings, cancellation);
        var (outcome, status) = await client.Value.ReadAccountAsync(account, cancellation);
        var passed = status == "active";
        yield return new("Accounts", passed, [status ?? $"{outcome.PlatformCode} {outcome.PlatformMessage}".Trim()], outcome.PlatformCode,
            passed ? null : status is not null ? closed : outcome.PlatformCode is { } code ? texts.Explain(code) : texts.Unreachable);
    }
}
