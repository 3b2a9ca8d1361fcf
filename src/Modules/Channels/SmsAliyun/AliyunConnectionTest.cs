using System.Runtime.CompilerServices;
using Notify.Channels.Connections;
using Notify.Channels.Sending;
using Notify.Channels.Sms;
using Notify.Channels.Texts;

namespace Notify.Channels.SmsAliyun;

/// <summary>Queries the receipts of a number to which nothing was sent, which shows whether the key is valid and may query. Only sending a message
/// shows whether it may send.</summary>
internal sealed class AliyunConnectionTest(Lazy<AliyunClient> client, AliyunDelivery delivery, IChannelTexts texts) : IConnectionTest
{
    public async IAsyncEnumerable<ConnectionCheck> TestAsync(IRoutes routes, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var account = await delivery.AccountOf(((SmsRoutes<AliyunSettings>)routes).Settings, cancellation);
        var outcome = await client.Value.TryAsync(account, cancellation);
        var passed = outcome.Class == OutcomeClass.Ok;
        yield return new("QuerySendDetails", passed, [passed ? "OK" : $"{outcome.PlatformCode} {outcome.PlatformMessage}".Trim()], outcome.PlatformCode,
            passed ? null : outcome.PlatformCode is { } code ? texts.Explain(code) : texts.Unreachable);
    }
}
