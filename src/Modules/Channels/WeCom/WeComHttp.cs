using System.Net;
using Notify.Channels.Http;
using Notify.Channels.Sending;
using Notify.Kernel.Secrets;

namespace Notify.Channels.WeCom;

/// <summary>Sends a request and returns the platform's answer, or the failure. Neither contains a secret.</summary>
public sealed class WeComHttp(HttpClient http, TimeSpan timeout, KnownSecrets known, TimeProvider time)
{
    private readonly PlatformHttp platform = new(http, timeout, known, time);

    /// <summary>Exactly one of the two is null.</summary>
    public readonly record struct Result(WeComAnswer? Answer, SendOutcome? Failure);

    /// <param name="secret">The part of the URL that must not be shown.</param>
    /// <param name="until">When the secret expires; null: never.</param>
    /// <param name="body">Null: a GET.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled before anything was sent; later, the outcome is unknown instead.</exception>
    public Task<Result> RequestAsync(
        string call, Uri uri, string secret, ReadOnlyMemory<byte>? body, CancellationToken cancellationToken, DateTimeOffset? until = null) =>
        platform.RequestAsync(
            new PlatformRequest(call, body is null ? HttpMethod.Get : HttpMethod.Post, uri, body) { Secrets = [(secret, until)] },
            (response, content) =>
            {
                if (response.StatusCode != HttpStatusCode.OK || WeComAnswer.Read(content) is not { } answer)
                    return new Result(null, platform.NotThePlatform(call, response, content, sent: body is not null));
                answer.Strike(known);
                return new Result(answer, null);
            },
            failure => new Result(null, failure), cancellationToken);
}
