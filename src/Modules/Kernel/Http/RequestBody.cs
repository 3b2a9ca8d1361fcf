using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel.Secrets;

namespace Notify.Kernel.Http;

/// <summary>The body of a request as JSON of any shape; its content is valid until it is disposed of.</summary>
public sealed class JsonBody : IDisposable
{
    private readonly JsonDocument document;
    private readonly byte[] buffer;

    internal JsonBody(JsonDocument document, bool hasDuplicates, byte[] buffer) =>
        (this.document, HasDuplicates, this.buffer) = (document, hasDuplicates, buffer);

    public JsonElement Root => document.RootElement;

    /// <summary>Whether any field is given twice. Only known if requested.</summary>
    public bool HasDuplicates { get; }

    public void Dispose()
    {
        document.Dispose();
        ArrayPool<byte>.Shared.Return(buffer);
    }
}

/// <summary>
/// Reads all request bodies. A body must be JSON in UTF-8, or the line and column of the fault are reported; it must contain no text that cannot be
/// stored (<see cref="PlainText"/>); and if it is read into a type it must fit, or each unsuitable field is reported (<see cref="JsonShape"/>).
/// </summary>
public static class RequestBody
{
    private const int FirstBuffer = 16 * 1024;
    private const int MostAtOnce = 64 * 1024;

    /// <summary>Fields that every read returns in addition to the writable ones; they are ignored when sent back.</summary>
    public static readonly IReadOnlyList<string> ReadOnlyFields =
        ["id", "status", "version", "createdAt", "createdBy", "updatedAt", "updatedBy", "builtIn", Warnings];

    /// <summary>In an answer: by field, what was accepted but is suspicious.</summary>
    public const string Warnings = "warnings";

    /// <exception cref="ProblemException">415: the content type is not JSON; 400: the body is not a JSON object, or contains invalid texts or
    /// names.</exception>
    public static async Task<JsonObject> ReadObjectAsync(this HttpRequest request)
    {
        using var body = await request.ReadJsonAsync();
        if (body.Root.ValueKind != JsonValueKind.Object) throw ProblemException.Invalid("", "The body must be a JSON object.");
        CheckTexts(body.Root);
        return JsonObject.Create(body.Root.Clone())!;
    }

    /// <param name="passedOver">Further fields that a read returns, which may be sent back.</param>
    /// <exception cref="ProblemException">415 or 400, as above; each unsuitable field is named.</exception>
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

    /// <summary>For an endpoint whose body is optional: null if none was sent.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public static async Task<T?> ReadOptionalAsync<T>(this HttpRequest request)
        where T : class =>
        request.ContentLength != 0 && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false }
            ? await request.ReadAsync<T>() : null;

    /// <summary>Reads JSON of any shape without checking its texts: for alarms, where an invalid one must not affect the others.</summary>
    /// <param name="acceptAnyType">Whether the content type is checked elsewhere.</param>
    /// <param name="findDuplicates">Whether to look for fields that are given twice.</param>
    /// <exception cref="ProblemException">415 or 400, as above.</exception>
    public static async Task<JsonBody> ReadJsonAsync(this HttpRequest request, bool acceptAnyType = false, bool findDuplicates = false)
    {
        if (!acceptAnyType) request.RequireJson();
        var (buffer, length) = await ReadBytesAsync(request);
        return Parse(buffer, length, findDuplicates);
    }

    /// <summary>As <see cref="ReadJsonAsync"/>, but null if the body has no bytes, whatever its content type.</summary>
    /// <exception cref="ProblemException">415 or 400, as above.</exception>
    public static async Task<JsonBody?> ReadOptionalJsonAsync(this HttpRequest request)
    {
        var (buffer, length) = await ReadBytesAsync(request);
        if (length > 0 && request.HasJsonContentType()) return Parse(buffer, length, findDuplicates: false);
        ArrayPool<byte>.Shared.Return(buffer);
        if (length > 0) request.RequireJson();
        return null;
    }

    private static JsonBody Parse(byte[] buffer, int length, bool findDuplicates)
    {
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

    /// <summary>Reads a body that is not JSON as bytes, at most <paramref name="most"/>.</summary>
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

    /// <exception cref="ProblemException">400: there are texts that cannot be stored, or fields given twice.</exception>
    public static void CheckTexts(JsonElement element)
    {
        var errors = new Errors();
        JsonText.Check(element, "", errors);
        errors.ThrowIfAny();
    }

    /// <summary>Declares that the body of requests to this endpoint may contain secrets: known secrets are removed from all other bodies before
    /// anything is recorded.</summary>
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
        var (body, cancellation) = (request.Body, request.HttpContext.RequestAborted);
        var (buffer, length) = (ArrayPool<byte>.Shared.Rent(FirstBuffer), 0);
        try
        {
            // In parts, since a stream that masks keys needs as much memory again as it is asked to fill.
            while (await body.ReadAsync(buffer.AsMemory(length, Math.Min(buffer.Length - length, MostAtOnce)), cancellation) is var count and > 0)
            {
                length += count;
                if (length == buffer.Length) Grow(ref buffer, length);
            }

            if (!TakesSecrets(request)) request.HttpContext.RequestServices?.GetService<KnownSecrets>()?.Mask(buffer.AsSpan(0, length));
            return (buffer, length);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    private static void Grow(ref byte[] buffer, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
