using Microsoft.Extensions.Logging;
using Notify.Channels.Sending;
using Notify.Kernel.Secrets;

namespace Notify.Channels.WeCom;

/// <summary>Sends single requests. The lane limits the rate and retries.</summary>
public sealed class WeComClient
{
    private const string RobotCall = "webhook/send";
    private const string AppCall = "message/send";
    private readonly WeComHttp http;
    private readonly AccessTokens tokens;
    private readonly string apiBase;

    public WeComClient(
        HttpClient client, WeComOptions options, KnownSecrets known, TimeProvider time, ILogger<WeComClient> logger, ISharedTokens? shared = null)
    {
        apiBase = options.ApiBaseUrl.GetLeftPart(UriPartial.Path).TrimEnd('/');
        http = new(client, options.Timeout, known, time);
        tokens = new(http, apiBase, shared, time, logger);
    }

    /// <param name="webhookUrl">As the platform shows it. A URL on the platform's own origin is called at the configured base address, others as they
    /// are.</param>
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

    /// <summary>Requests a token even if one is cached, to test the settings.</summary>
    /// <returns>Ok, or the reason for the failure.</returns>
    public Task<SendOutcome> FetchTokenAsync(WeComSender app, CancellationToken cancellationToken) => tokens.TestAsync(app, cancellationToken);

    /// <summary>If a fresh token is refused too, or a robot (which has no token) refuses one, the configuration is at fault.</summary>
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

    /// <summary>40001 means a wrong secret on gettoken, and on a send also an invalid token.</summary>
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
