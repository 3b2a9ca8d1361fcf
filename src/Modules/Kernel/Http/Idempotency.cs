using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Notify.Kernel.Events;
using Notify.Kernel.Secrets;
using Npgsql;

namespace Notify.Kernel.Http;

/// <summary>
/// <c>Idempotency-Key</c>: a caller that repeats a POST because the answer was lost gets the first answer again, and nothing is created twice.
/// Answers are kept for each actor, address and key for 24 hours. Only successes are kept: a refused request created nothing, and its key is free.
/// Endpoints opt in with <see cref="Idempotent{T}"/>; requests without the header cost nothing extra.
/// </summary>
/// <remarks>
/// A process can die after the commit and before the answer is stored. Therefore the first request also fixes a <see cref="FirstRequest"/>: whoever
/// takes over when its lease has expired creates under the same id and finds what already exists. For the same reason an attempt that failed with
/// 5xx, which may have committed, leaves it in place.
/// </remarks>
public sealed class Idempotency(IdempotencyTable table, MasterKey key, TimeProvider time, ILogger<Idempotency> logger)
{
    private const string Header = "Idempotency-Key";

    /// <summary>How long an unanswered request blocks others with its key; after that its process is presumed dead.</summary>
    private static readonly TimeSpan lease = TimeSpan.FromSeconds(30);

    private sealed record Answer(int Status, string? ContentType, string? Location, string? ETag, string Body);

    public OwnedTable Owned => new(IdempotencyTable.TableName)
    {
        Texts = ["path", "key"],
        RowsAreTexts = true,
        HiddenIn = ["answer"],
        Hidden = (connection, names, cancellation) => IdempotencyTable.EraseAnswersAsync(
            connection, (slot, answer) => TryOpen(slot, answer) is not { } kept || names(kept.Body), cancellation),
    };

    /// <summary>Middleware, after authentication and the audit context.</summary>
    public Task InvokeAsync(HttpContext http, RequestDelegate next) =>
        http.Request.Headers[Header] is { Count: > 0 } given && http.GetEndpoint()?.Metadata.GetMetadata<IdempotentEndpoint>() is { } endpoint
            ? OnceAsync(http, next, endpoint, given.ToString()) : next(http);

    private async Task OnceAsync(HttpContext http, RequestDelegate next, IdempotentEndpoint endpoint, string value)
    {
        if (value.Length is 0 or > 255 || value.Any(c => c is < '!' or > '~'))
            throw ProblemException.Invalid(Header, "A key has 1 to 255 visible ASCII characters.");

        var cancellation = http.RequestAborted;
        var slot = new IdempotencySlot(http.Audit().Actor.Id, http.Request.Path, value);
        var digest = await DigestAsync(http.Request, endpoint.Headers, cancellation);
        var claim = await table.ClaimAsync(slot, digest, time.GetUtcNow(), lease, cancellation);
        switch (claim)
        {
            case IdempotencyClaim.OtherRequest:
                throw ProblemException.Conflict("This Idempotency-Key was used with a different body. Use a new key for a new request.");
            case IdempotencyClaim.Busy busy:
                throw new ProblemException(
                    409, "Conflict.", "The first request with this Idempotency-Key is still being processed.")
                { RetryAfter = busy.Seconds };
            case IdempotencyClaim.Answered answered:
                if (TryOpen(slot, answered.Answer) is { } kept)
                {
                    await SendAsync(http, kept);
                    return;
                }

                await table.DropAsync(slot, answered.Answer, cancellation);
                await OnceAsync(http, next, endpoint, value);
                return;
            case IdempotencyClaim.Ours ours:
                http.Items[typeof(FirstRequest)] = ours.First;
                await WorkAsync(http, next, slot, ours);
                return;
        }
    }

    private async Task WorkAsync(HttpContext http, RequestDelegate next, IdempotencySlot slot, IdempotencyClaim.Ours claim)
    {
        var response = http.Response.Body;
        using var buffer = new MemoryStream();
        http.Response.Body = buffer;
        try
        {
            await next(http);
            await http.Response.BodyWriter.FlushAsync();
        }
        catch (Exception e)
        {
            http.Response.Body = response;
            await EndAsync(() => e is ProblemException { Status: < 500 } or BadHttpRequestException
                ? table.ForgetAsync(slot, claim.Owner) : table.ReleaseAsync(slot, claim.Owner));
            throw;
        }

        http.Response.Body = response;
        if (http.Response.StatusCode is >= 200 and < 300)
        {
            var headers = http.Response.Headers;
            var answer = new Answer(
                http.Response.StatusCode, http.Response.ContentType, Text(headers.Location), Text(headers.ETag),
                System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
            // Sealed, since an answer may contain something shown only once, such as a new API key.
            await EndAsync(() =>
                table.AnswerAsync(slot, claim.Owner, key.Seal(slot.Reference, JsonSerializer.Serialize(answer, NotifyJson.Options))));
        }
        else
        {
            await EndAsync(() => http.Response.StatusCode < 500 ? table.ForgetAsync(slot, claim.Owner) : table.ReleaseAsync(slot, claim.Owner));
        }

        buffer.Position = 0;
        await buffer.CopyToAsync(response, http.RequestAborted);
    }

    /// <summary>The work is done: if the store fails now, the caller still gets the answer, and a repeat will find what was created.</summary>
    private async Task EndAsync(Func<Task> end)
    {
        try
        {
            await end();
        }
        catch (Exception e)
        {
            // The lease expires without it. An unavailable store is in the log already.
            if (!StoreFault.IsStoreDown(e)) logger.LogWarning(e, "The answer to a request with an Idempotency-Key could not be kept");
        }
    }

    /// <returns>Null: it cannot be opened, because somebody changed it, or the key is lost that sealed it.</returns>
    private Answer? TryOpen(IdempotencySlot slot, byte[] answer)
    {
        try
        {
            return JsonSerializer.Deserialize<Answer>(key.Unseal(slot.Reference, answer), NotifyJson.Options);
        }
        catch (Exception e) when (e is CryptographicException || EventRecord.IsUnreadable(e))
        {
            return null;
        }
    }

    private static Task SendAsync(HttpContext http, Answer answer)
    {
        var response = http.Response;
        (response.StatusCode, response.ContentType) = (answer.Status, answer.ContentType);
        if (answer.Location is not null) response.Headers.Location = answer.Location;
        if (answer.ETag is not null) response.Headers.ETag = answer.ETag;
        return response.WriteAsync(answer.Body, http.RequestAborted);
    }

    /// <summary>A digest of the query, the headers that belong to the body, and the body. Keyed, since a body may contain secrets.</summary>
    private async Task<byte[]> DigestAsync(HttpRequest request, string? headers, CancellationToken cancellation)
    {
        request.EnableBuffering();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{request.QueryString}\n"));
        if (headers is not null)
        {
            foreach (var (name, value) in request.Headers.Where(x => x.Key.StartsWith(headers, StringComparison.OrdinalIgnoreCase))
                .OrderBy(x => x.Key, StringComparer.OrdinalIgnoreCase))
                hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{name.ToLowerInvariant()}: {value}\n"));
        }

        var buffer = new byte[16 * 1024];
        while (await request.Body.ReadAsync(buffer, cancellation) is > 0 and var count) hash.AppendData(buffer, 0, count);
        request.Body.Position = 0;
        return key.Digest(hash.GetHashAndReset());
    }

    private static string? Text(Microsoft.Extensions.Primitives.StringValues values) => values.Count == 0 ? null : values.ToString();
}

/// <param name="Headers">The beginning of the names of the headers that are part of what is sent, as the body is; null: none is.</param>
public sealed record IdempotentEndpoint(string? Headers = null);

public static class IdempotentEndpoints
{
    /// <summary>Declares that the endpoint creates something and honours <c>Idempotency-Key</c>.</summary>
    /// <inheritdoc cref="IdempotentEndpoint" path="/param"/>
    public static T Idempotent<T>(this T endpoint, string? headers = null)
        where T : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new IdempotentEndpoint(headers));

    /// <summary>Null without an <c>Idempotency-Key</c>.</summary>
    public static FirstRequest? FirstRequest(this HttpContext http) => http.Items[typeof(FirstRequest)] as FirstRequest;
}
