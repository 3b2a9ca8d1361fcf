using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Notify.Kernel.Http;

/// <summary>
/// Masks the caller's key in requests. The key gives access to Notify, and what callers send is recorded: a program whose template repeats its own
/// headers would record its key for everyone. Therefore asterisks replace the key elsewhere in the request (other headers, the query, the body)
/// before anything reads it.
/// </summary>
public static class PresentedKey
{
    private const int Shortest = 8;

    private static readonly string[] itsOwnPlaces = ["Authorization", "Proxy-Authorization", "Cookie"];

    /// <summary>Middleware, before anything that reads the request.</summary>
    public static Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        if (Find(http.Request.Headers.Authorization.ToString()) is { Length: >= Shortest } key) Mask(http.Request, key);
        return next(http);
    }

    private static void Mask(HttpRequest request, string key)
    {
        var asterisks = new string('*', key.Length);
        foreach (var (name, values) in request.Headers)
        {
            if (itsOwnPlaces.Contains(name, StringComparer.OrdinalIgnoreCase) || !values.ToString().Contains(key, StringComparison.Ordinal)) continue;
            request.Headers[name] = new([.. values.Select(x => x?.Replace(key, asterisks, StringComparison.Ordinal))]);
        }

        if (request.QueryString.Value is { } query && query.Contains(key, StringComparison.Ordinal))
            request.QueryString = new QueryString(query.Replace(key, asterisks, StringComparison.Ordinal));
        if (request.ContentLength is null or > 0) request.Body = new MaskedBody(request.Body, Encoding.UTF8.GetBytes(key));
    }

    private static string? Find(string header)
    {
        var text = header.AsSpan().Trim();
        if (text.IndexOf(' ') is not (var end and > 0)) return null;
        var scheme = text[..end];
        var given = text[end..].Trim().ToString();
        if (scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)) return given;
        if (!scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)) return null;
        var bytes = new byte[given.Length];
        return Convert.TryFromBase64String(given, bytes, out var length) && Encoding.UTF8.GetString(bytes, 0, length) is var pair
            ? pair[(pair.IndexOf(':') + 1)..] : null;
    }

    /// <summary>Keeps the length of the body. Bytes that may be the key's beginning are held back until the following bytes are read.</summary>
    private sealed class MaskedBody(Stream inner, byte[] key) : Stream
    {
        private byte[] waiting = [];
        private bool ended;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (buffer.Length == 0) return 0;
            var room = ArrayPool<byte>.Shared.Rent(buffer.Length + key.Length);
            try
            {
                while (true)
                {
                    var length = waiting.Length;
                    waiting.CopyTo(room, 0);
                    if (!ended && length < buffer.Length)
                    {
                        var read = await inner.ReadAsync(room.AsMemory(length, buffer.Length - length), cancellationToken);
                        ended = read == 0;
                        length += read;
                    }

                    if (length == 0) return 0;
                    for (int at, from = 0; (at = room.AsSpan(from, length - from).IndexOf(key)) >= 0; from += at + key.Length) room.AsSpan(
                        from + at, key.Length).Fill((byte)'*');
                    var ready = Math.Min(buffer.Length, ended ? length : length - Beginning(room.AsSpan(0, length)));
                    room.AsMemory(0, ready).CopyTo(buffer);
                    waiting = room[ready..length];
                    if (ready > 0) return ready;
                    // The buffer is no longer than the possible beginning of the key: return it, since waiting would never end.
                    if (waiting.Length >= buffer.Length)
                    {
                        waiting.AsMemory(0, buffer.Length).CopyTo(buffer);
                        waiting = waiting[buffer.Length..];
                        return buffer.Length;
                    }
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(room);
            }
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A request is read asynchronously.");

        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        /// <summary>The number of bytes at the end that equal the key's beginning.</summary>
        private int Beginning(ReadOnlySpan<byte> bytes)
        {
            for (var length = Math.Min(key.Length - 1, bytes.Length); length > 0; length--)
                if (bytes.EndsWith(key.AsSpan(0, length))) return length;
            return 0;
        }
    }
}
