using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using Notify.Channels.Sending;
using Notify.Kernel.Secrets;

namespace Notify.Channels.WeCom;

/// <summary>
/// One request and what came of it: the platform's answer, or the failure on the way. This is the one place at which words of others come in, and
/// they repeat the address they were called by, with its key or token: every secret is struck out here, so that nothing behind it need be careful.
/// </summary>
public sealed class WeComHttp(HttpClient http, TimeSpan timeout, KnownSecrets known, TimeProvider time)
{
    /// <summary>Exactly one of the two is null.</summary>
    public readonly record struct Result(WeComAnswer? Answer, SendOutcome? Failure);

    /// <param name="secret">The part of the URL that must not be seen.</param>
    /// <param name="until">When it ends by itself; null: never.</param>
    /// <param name="body">Null: a GET.</param>
    /// <exception cref="OperationCanceledException">The caller gave up before anything was sent; later, the outcome is unknown instead.</exception>
    public async Task<Result> RequestAsync(
        string call, Uri uri, string secret, ReadOnlyMemory<byte>? body, CancellationToken cancellationToken, DateTimeOffset? until = null)
    {
        known.Add(secret, until);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        either.CancelAfter(timeout);
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, uri);
        var content = body is { } bytes ? new JsonBody(bytes) : null;
        request.Content = content;
        HttpResponseMessage? response = null;
        var buffer = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var length = 0;
            await using var stream = await response.Content.ReadAsStreamAsync(either.Token);
            while (true)
            {
                if (length == buffer.Length)
                {
                    if (length >= WeComAnswer.MaxBytes) break;
                    var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 4);
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
                var read = await stream.ReadAsync(buffer.AsMemory(length), either.Token);
                if (read == 0) break;
                length += read;
            }
            return Read(call, response, buffer.AsSpan(0, length), content is not null);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && content is not { Begun: true })
        {
            throw;
        }
        catch (Exception e)
        {
            // Of whatever kind: what watches the client (traces, figures) throws into it what it likes, also when the message has been taken.
            return new(null, Lost(call, e, response, timedOut: either.IsCancellationRequested, content is { Begun: true }));
        }
        finally
        {
            response?.Dispose();
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private Result Read(string call, HttpResponseMessage response, ReadOnlySpan<byte> body, bool posted)
    {
        if (response.StatusCode == HttpStatusCode.OK && WeComAnswer.Read(body) is { } answer)
        {
            answer.Strike(known);
            return new(answer, null);
        }

        var what = response.StatusCode == HttpStatusCode.OK ? "an answer that is not the platform's" : $"HTTP {(int)response.StatusCode}";
        return new(null, new(OutcomeClass.Retry)
        {
            Call = call,
            HttpStatus = (int)response.StatusCode,
            PlatformMessage = $"{what}: {WeComAnswer.Excerpt(body, known)}",
            RetryAfter = Wait(response.Headers.RetryAfter),
            // Redirects and refusals come from something before the platform; a gateway's 5xx or a strange 200 may come after it.
            MayHaveArrived = posted && (response.StatusCode == HttpStatusCode.OK || (int)response.StatusCode >= 500),
        });
    }

    private TimeSpan? Wait(RetryConditionHeaderValue? header)
    {
        var wait = header?.Delta ?? (header?.Date is { } date ? date - time.GetUtcNow() : null);
        return wait > TimeSpan.Zero ? wait : null;
    }

    /// <summary>
    /// Nothing begun, nothing delivered. Once the body was on its way the message may have arrived, unless a head came back:
    /// then an answer existed and was cut, which is the same trouble as a page in its place.
    /// </summary>
    private SendOutcome Lost(string call, Exception e, HttpResponseMessage? response, bool timedOut, bool begun) =>
        new(begun && response is null ? OutcomeClass.Unknown : OutcomeClass.Retry)
        {
            Call = call,
            HttpStatus = (int?)response?.StatusCode,
            PlatformMessage = timedOut ? "no answer in time" : known.Strike(Describe(e)),
            MayHaveArrived = begun,
        };

    private static string Describe(Exception e)
    {
        var cause = e.GetBaseException().Message;
        return e is HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } http ? $"{http.HttpRequestError}: {cause}" : cause;
    }

    /// <summary>The bytes as they are, which also tells whether any may have left.</summary>
    private sealed class JsonBody : HttpContent
    {
        private static readonly MediaTypeHeaderValue json = new("application/json");
        private readonly ReadOnlyMemory<byte> bytes;

        public JsonBody(ReadOnlyMemory<byte> bytes)
        {
            this.bytes = bytes;
            Headers.ContentType = json;
        }

        public bool Begun { get; private set; }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            Begun = true;
            return stream.WriteAsync(bytes, cancellationToken).AsTask();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
