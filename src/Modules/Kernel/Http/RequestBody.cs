using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel.Secrets;

namespace Notify.Kernel.Http;

/// <summary>The body of a request as JSON of any shape; what it holds counts until it is disposed of.</summary>
public sealed class JsonBody : IDisposable
{
    private readonly JsonDocument document;
    private readonly byte[] buffer;

    internal JsonBody(JsonDocument document, bool hasDuplicates, byte[] buffer) =>
        (this.document, HasDuplicates, this.buffer) = (document, hasDuplicates, buffer);

    public JsonElement Root => document.RootElement;

    /// <summary>Somewhere a field is given twice. Only known when it was asked for.</summary>
    public bool HasDuplicates { get; }

    public void Dispose()
    {
        document.Dispose();
        ArrayPool<byte>.Shared.Return(buffer);
    }
}

/// <summary>
/// Every body comes in here. It is JSON in UTF-8, or the line and column are named where it is not; it holds no text that cannot be stored
/// (<see cref="PlainText"/>); and what is read into a type fits it, or each field that does not is named (<see cref="JsonShape"/>).
/// </summary>
public static class RequestBody
{
    private const int FirstBuffer = 16 * 1024;

    /// <summary>What every read gives beside what can be set; whoever sends it back is not told that it does not exist.</summary>
    public static readonly IReadOnlyList<string> ReadOnlyFields =
        ["id", "status", "version", "createdAt", "createdBy", "updatedAt", "updatedBy", "builtIn", Warnings];

    /// <summary>In an answer: what was not refused and is not as one would expect, by field.</summary>
    public const string Warnings = "warnings";

    /// <exception cref="ProblemException">415: not JSON by its content type; 400: not a JSON object, or with texts or names that it may not
    /// have.</exception>
    public static async Task<JsonObject> ReadObjectAsync(this HttpRequest request)
    {
        using var body = await request.ReadJsonAsync();
        if (body.Root.ValueKind != JsonValueKind.Object) throw ProblemException.Invalid("", "The body must be a JSON object.");
        CheckTexts(body.Root);
        return JsonObject.Create(body.Root.Clone())!;
    }

    /// <param name="passedOver">What a read gives besides, which may be sent back.</param>
    /// <exception cref="ProblemException">415 or 400, as above; each field that does not fit is named.</exception>
    public static async Task<T> ReadAsync<T>(this HttpRequest request, params IReadOnlyCollection<string> passedOver)
    {
        var body = await request.ReadObjectAsync();
        foreach (var name in ReadOnlyFields.Concat(passedOver))
            if (!JsonShape.Has(typeof(T), name)) body.Remove(name);
        var errors = new Errors();
        JsonShape.CheckBody(body, typeof(T), errors);
        errors.ThrowIfAny();
        try
        {
            return body.Deserialize<T>(NotifyJson.Strict)!;
        }
        catch (JsonException e)
        {
            throw Invalid(e);
        }
    }

    /// <summary>Of an endpoint that needs no body: null when none was sent.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public static async Task<T?> ReadOptionalAsync<T>(this HttpRequest request)
        where T : class =>
        request.ContentLength != 0 && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false }
            ? await request.ReadAsync<T>() : null;

    /// <summary>JSON of any shape, whose texts are still to be checked: for alarms, of which a bad one does not harm its neighbours.</summary>
    /// <param name="acceptAnyType">The content type is checked elsewhere.</param>
    /// <param name="findDuplicates">Whether to look for fields that are given twice.</param>
    /// <exception cref="ProblemException">415 or 400, as above.</exception>
    public static async Task<JsonBody> ReadJsonAsync(this HttpRequest request, bool acceptAnyType = false, bool findDuplicates = false)
    {
        if (!acceptAnyType) request.RequireJson();
        var (buffer, length) = await ReadBytesAsync(request);
        try
        {
            var document = JsonText.Parse(buffer.AsMemory(0, length), findDuplicates, out var hasDuplicates);
            return new JsonBody(document, hasDuplicates, buffer);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    /// <summary>A body that is not JSON, byte by byte, of at most so many.</summary>
    /// <exception cref="ProblemException">413: there are more.</exception>
    public static async Task<byte[]> ReadBytesAsync(this HttpRequest request, int most)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = most;
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        return body.ToArray();
    }

    public static ProblemException Invalid(JsonException e)
    {
        var (path, message) = JsonFault.Describe(e);
        return ProblemException.Invalid(path, message);
    }

    /// <exception cref="ProblemException">400: texts that cannot be stored, or fields given twice.</exception>
    public static void CheckTexts(JsonElement element)
    {
        var errors = new Errors();
        JsonText.Check(element, "", errors);
        errors.ThrowIfAny();
    }

    /// <summary>Secrets may stand in the body of requests to this endpoint: from all others they are struck out, before anything of them goes on
    /// record.</summary>
    public static T TakesSecrets<T>(this T endpoint)
        where T : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new SecretsTaken());

    private static bool TakesSecrets(HttpRequest request) => request.HttpContext.GetEndpoint()?.Metadata.GetMetadata<SecretsTaken>() is not null;

    private sealed record SecretsTaken;

    private static void RequireJson(this HttpRequest request)
    {
        if (!request.HasJsonContentType())
            throw new ProblemException(415, "Unsupported media type.", "The body must be JSON, with Content-Type: application/json.");
    }

    private static async Task<(byte[] Buffer, int Length)> ReadBytesAsync(HttpRequest request)
    {
        var (reader, cancellation) = (request.BodyReader, request.HttpContext.RequestAborted);
        var (buffer, length) = (ArrayPool<byte>.Shared.Rent(FirstBuffer), 0);
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(cancellation);
                var count = (int)read.Buffer.Length;
                if (length + count > buffer.Length) Grow(ref buffer, length, length + count);
                read.Buffer.CopyTo(buffer.AsSpan(length));
                length += count;
                reader.AdvanceTo(read.Buffer.End);
                if (!read.IsCompleted) continue;
                if (!TakesSecrets(request)) request.HttpContext.RequestServices?.GetService<KnownSecrets>()?.Mask(buffer.AsSpan(0, length));
                return (buffer, length);
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    private static void Grow(ref byte[] buffer, int length, int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, buffer.Length * 2));
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
