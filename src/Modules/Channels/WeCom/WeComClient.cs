using Notify.Channels.Sending;
using Notify.Kernel.Secrets;

namespace Notify.Channels.WeCom;

/// <summary>Sends single requests. Pace and repetition over time are the lane's.</summary>
public sealed class WeComClient
{
    private const string RobotCall = "webhook/send";
    private const string AppCall = "message/send";
    private readonly WeComHttp http;
    private readonly AccessTokens tokens;
    private readonly string apiBase;

    public WeComClient(HttpClient client, WeComOptions options, KnownSecrets known, TimeProvider time, ISharedTokens? shared = null)
    {
        apiBase = options.ApiBaseUrl.GetLeftPart(UriPartial.Path).TrimEnd('/');
        http = new(client, options.Timeout, known, time);
        tokens = new(http, apiBase, shared, time);
    }

    /// <param name="webhookUrl">As the platform shows it. One on the platform's own origin goes to the configured base, others go where they
    /// say.</param>
    /// <exception cref="OperationCanceledException">Nothing was sent.</exception>
    public async Task<SendOutcome> SendToRobotAsync(Uri webhookUrl, WeComPayload payload, CancellationToken cancellationToken)
    {
        var (answer, failure) = await http.RequestAsync(RobotCall, Reach(webhookUrl), Key(webhookUrl), payload.Body, cancellationToken);
        return NoTokenLeft(failure ?? answer!.Judge(RobotCall, []));
    }

    /// <exception cref="OperationCanceledException">Nothing was sent.</exception>
    public async Task<SendOutcome> SendToAppAsync(WeComSender app, WeComPayload payload, CancellationToken cancellationToken)
    {
        var outcome = await SendOnceAsync(app, payload, cancellationToken);
        if (!TokenRefused(outcome)) return outcome;
        outcome = await SendOnceAsync(app, payload, cancellationToken);
        return NoTokenLeft(outcome);
    }

    /// <summary>Asks for a token whether one is at hand or not, as a test of the settings.</summary>
    /// <returns>Ok, or why there is none.</returns>
    public Task<SendOutcome> FetchTokenAsync(WeComSender app, CancellationToken cancellationToken) => tokens.TestAsync(app, cancellationToken);

    /// <summary>A fresh token that is refused too was not the trouble; and a robot has none.</summary>
    private static SendOutcome NoTokenLeft(SendOutcome outcome) =>
        outcome.Class == OutcomeClass.RefreshToken ? outcome with { Class = OutcomeClass.Configuration } : outcome;

    private async Task<SendOutcome> SendOnceAsync(WeComSender app, WeComPayload payload, CancellationToken cancellationToken)
    {
        var (token, failure) = await tokens.GetAsync(app, cancellationToken);
        if (token is null) return failure!;
        (var answer, failure) = await http.RequestAsync(AppCall, token.SendUri, token.Value, payload.Body, cancellationToken, token.ExpiresAt);
        if (answer is null) return failure!;
        var outcome = answer.Judge(AppCall, payload.Accounts, payload.Groups);
        if (TokenRefused(outcome)) tokens.Refuse(app, token);
        return outcome;
    }

    /// <summary>40001 is a wrong secret for gettoken, and on a send also a token that went stale.</summary>
    private static bool TokenRefused(SendOutcome outcome) =>
        outcome.Call == AppCall && (outcome.Class == OutcomeClass.RefreshToken || outcome.PlatformCode == "40001");

    private Uri Reach(Uri webhookUrl) =>
        webhookUrl.Host == WeComOptions.Platform.Host && webhookUrl.IsDefaultPort ? new(apiBase + webhookUrl.PathAndQuery) : webhookUrl;

    private static string Key(Uri webhookUrl)
    {
        var query = webhookUrl.Query;
        var start = query.IndexOf("key=", StringComparison.Ordinal);
        if (start < 0) return "";
        var end = query.IndexOf('&', start);
        return end < 0 ? query[(start + 4)..] : query[(start + 4)..end];
    }
}
