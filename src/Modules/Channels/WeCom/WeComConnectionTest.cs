using System.Runtime.CompilerServices;
using Notify.Channels.Connections;
using Notify.Channels.Sending;
using Notify.Kernel.Secrets;

namespace Notify.Channels.WeCom;

/// <summary>Fetches a new access token of the app. Robots are not tested: every call to a robot sends a message.</summary>
internal sealed class WeComConnectionTest(
    Lazy<WeComClient> client, WeComTexts texts, Func<SecretRef, CancellationToken, ValueTask<string>> reveal) : IConnectionTest
{
    public async IAsyncEnumerable<ConnectionCheck> TestAsync(IRoutes routes, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var weCom = (WeComRoutes)routes;
        foreach (var robot in weCom.Settings.SendsToBots ? weCom.Settings.Bots : [])
            yield return new("webhook/send", null, [$"{robot.Alias}: a robot can only be tested by sending a message."]);
        if (weCom.App is not { } app) yield break;
        var sender = new WeComSender(app.CorpId, (int)app.AgentId, await reveal(app.Secret, cancellation))
        {
            ApiBase = weCom.Settings.ApiBaseUrl,
        };
        var outcome = await client.Value.FetchTokenAsync(sender, cancellation);
        var passed = outcome.Class == OutcomeClass.Ok;
        var line = outcome.PlatformCode is { } code ? $"{code} {outcome.PlatformMessage}" : outcome.PlatformMessage ?? "";
        yield return new("gettoken", passed, [line], outcome.PlatformCode,
            passed ? null : outcome.PlatformCode is { } refused ? texts.Explain(refused) : texts.Unreachable);
    }
}
