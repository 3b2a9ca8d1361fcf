using System.Runtime.CompilerServices;
using Notify.Channels.Connections;
using Notify.Channels.Sending;
using Notify.Channels.Texts;
using Notify.Kernel.Secrets;

namespace Notify.Channels.DingTalk;

/// <summary>Fetches a new access token of the app. Robots are not tested: every call to a robot sends a message.</summary>
internal sealed class DingTalkConnectionTest(
    Lazy<DingTalkClient> client, Func<SecretRef, CancellationToken, ValueTask<string>> reveal) : IConnectionTest
{
    private static readonly DingTalkTexts texts = new DingTalkTexts();

    public async IAsyncEnumerable<ConnectionCheck> TestAsync(IRoutes routes, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (settings, app) = (((DingTalkRoutes)routes).Settings, ((DingTalkRoutes)routes).App);
        foreach (var robot in settings.SendsToBots ? settings.Bots : [])
            yield return new("robot/send", null, [$"{robot.Alias}: a robot can only be tested by sending a message."]);
        if (app is null) yield break;
        var outcome = await client.Value.FetchTokenAsync(new(app.ClientId, await reveal(app.ClientSecret, cancellation)), cancellation);
        var passed = outcome.Class == OutcomeClass.Ok;
        var line = passed ? "ok" : $"{outcome.PlatformCode} {outcome.PlatformMessage}".Trim();
        yield return new("oauth2/accessToken", passed, [line], outcome.PlatformCode,
            passed ? null : outcome.PlatformCode is { } code ? texts.Explain(code) : texts.Unreachable);
    }
}
