using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Notify.Channels.Sending;
using Notify.Kernel.Secrets;

namespace Notify.Channels.Http;

/// <summary>One request to a platform.</summary>
/// <param name="Call">The name of the call in outcomes.</param>
/// <param name="Body">Null: no body is sent, and the request has no effects.</param>
public sealed record PlatformRequest(string Call, HttpMethod Method, Uri Uri, ReadOnlyMemory<byte>? Body = null)
{
    public string ContentType { get; init; } = "application/json";

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Parts of the address, headers and body that must not be shown, and when each expires (null: never).</summary>
    public IReadOnlyList<(string Secret, DateTimeOffset? Until)> Secrets { get; init; } = [];
}

/// <summary>Reads an answer.</summary>
/// <param name="body">At most <see cref="PlatformHttp.MaxBytes"/> of it, unchanged: remove secrets before quoting it.</param>
public delegate T ReadAnswer<out T>(HttpResponseMessage response, ReadOnlySpan<byte> body);

/// <summary>
/// All HTTP requests of channels go through this: one request, no redirects, one deadline for all of it, and an outcome if no answer came. Answers
/// and errors may repeat the address that was called, with its key or token; therefore every secret of the request is registered as known before it
/// is sent.
/// </summary>
public sealed class PlatformHttp(HttpClient http, TimeSpan timeout, KnownSecrets known, TimeProvider time)
{
    /// <summary>Every answer of a platform is far smaller; the rest of a longer one is ignored.</summary>
    public const int MaxBytes = 64 * 1024;

    private static readonly TimeSpan longestUsual = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan longestOfRate = TimeSpan.FromHours(1);

    public KnownSecrets Known => known;

    /// <param name="failed">Receives the outcome if no answer came.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled before anything was sent; later, the outcome is unknown instead.</exception>
    public async Task<T> RequestAsync<T>(
        PlatformRequest request, ReadAnswer<T> read, Func<SendOutcome, T> failed, CancellationToken cancellationToken)
    {
        foreach (var (secret, until) in request.Secrets) known.Add(secret, until);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        either.CancelAfter(timeout);
        using var message = new HttpRequestMessage(request.Method, request.Uri);
        foreach (var (name, value) in request.Headers) message.Headers.TryAddWithoutValidation(name, value);
        var content = request.Body is { } bytes ? new Bytes(bytes, request.ContentType) : null;
        message.Content = content;
        HttpResponseMessage? response = null;
        var buffer = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var length = 0;
            await using var stream = await response.Content.ReadAsStreamAsync(either.Token);
            while (true)
            {
                if (length == buffer.Length)
                {
                    if (length >= MaxBytes) break;
                    var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 4);
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }

                var count = await stream.ReadAsync(buffer.AsMemory(length), either.Token);
                if (count == 0) break;
                length += count;
            }

            return read(response, buffer.AsSpan(0, length));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && content is not { Begun: true })
        {
            throw;
        }
        catch (Exception e)
        {
            // Any exception: listeners on the client (traces, metrics) may throw anything, even after the message was accepted.
            return failed(Lost(request.Call, e, response, timedOut: either.IsCancellationRequested, content is { Begun: true }));
        }
        finally
        {
            response?.Dispose();
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The outcome if something other than the platform answered: a proxy, a gateway, or a web page.</summary>
    /// <param name="sent">Whether the request may have had an effect.</param>
    public SendOutcome NotThePlatform(string call, HttpResponseMessage response, ReadOnlySpan<byte> body, bool sent)
    {
        var what = response.StatusCode == HttpStatusCode.OK ? "an answer that is not the platform's" : $"HTTP {(int)response.StatusCode}";
        return new(OutcomeClass.Retry)
        {
            Call = call,
            HttpStatus = (int)response.StatusCode,
            PlatformMessage = $"{what}: {Excerpt(body)}",
            RetryAfter = Wait(response, OutcomeClass.Retry),
            // Redirects and refusals come from something before the platform; a gateway's 5xx or an unexpected 200 may come after it.
            MayHaveArrived = sent && (response.StatusCode == HttpStatusCode.OK || (int)response.StatusCode >= 500),
        };
    }

    /// <summary>The wait that <c>Retry-After</c> requests, within bounds; null if there is none, or it has passed.</summary>
    public TimeSpan? Wait(HttpResponseMessage response, OutcomeClass outcome)
    {
        var header = response.Headers.RetryAfter;
        var wait = header?.Delta ?? (header?.Date is { } date ? date - time.GetUtcNow() : null);
        return wait > TimeSpan.Zero ? Bounded(wait, outcome) : null;
    }

    /// <summary>The wait that an answer requests, but at most an hour when the rate was too high, and ten minutes otherwise: whatever stands before
    /// the platform may name any time, and an alarm would wait for it.</summary>
    public static TimeSpan? Bounded(TimeSpan? wait, OutcomeClass outcome)
    {
        var longest = outcome == OutcomeClass.Rate ? longestOfRate : longestUsual;
        return wait > longest ? longest : wait;
    }

    /// <summary>The start of a body, which lets people recognise its origin. Secrets are removed before it is cut, since the rest of a cut secret
    /// might not be recognised.</summary>
    public string Excerpt(ReadOnlySpan<byte> body)
    {
        const int length = 300;
        var text = known.Strike(Encoding.UTF8.GetString(body[..Math.Min(body.Length, 16 * length)])).Trim();
        return text.Length == 0 ? "(empty)" : text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }

    /// <summary>
    /// If no body was being sent, nothing was delivered. If it was, the message may have arrived. If response headers came back, something answered
    /// and the answer was cut off; that is treated like an answer from something else.
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

    /// <summary>The body's bytes; also records whether any may have been sent.</summary>
    private sealed class Bytes : HttpContent
    {
        private readonly ReadOnlyMemory<byte> bytes;

        public Bytes(ReadOnlyMemory<byte> bytes, string contentType)
        {
            this.bytes = bytes;
            Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
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
