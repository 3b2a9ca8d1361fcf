using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;

namespace Notify.Kernel.Secrets;

/// <summary>
/// Finds secrets in what is sent to Notify, and puts asterisks in their place before it goes on record. Other than in what platforms answer, only a
/// whole secret counts, character by character: half a word of an alarm's path must not be lost because a password holds it too. One that people
/// could have made of words (shorter than <see cref="Shortest"/>, or without both letters and digits) is not looked for.
/// </summary>
internal sealed class WholeSecrets
{
    public const int Shortest = 16;

    /// <summary>Every key that Notify has made begins so, and goes on with at least <see cref="KeyLength"/> letters and digits: also one that it
    /// keeps only the hash of is known by that.</summary>
    private const string KeyPrefix = "ntf_";

    private const int KeyLength = 40;
    private const int Longest = 512;
    private const int Chunk = 16 * 1024;

    /// <summary>Longest first, so that of two that begin alike the whole is found.</summary>
    private readonly string[] writings;

    private readonly SearchValues<string> any;
    private readonly int overlap;

    public WholeSecrets(IEnumerable<string> secrets)
    {
        writings = [.. secrets.Where(IsLookedFor).SelectMany(Writings).Distinct(StringComparer.Ordinal).OrderByDescending(x => x.Length)];
        any = SearchValues.Create([KeyPrefix, .. writings], StringComparison.Ordinal);
        overlap = Math.Max(KeyPrefix.Length + KeyLength * 2, writings.FirstOrDefault()?.Length ?? 0);
    }

    /// <summary>As long as before, so that what is around them stays JSON.</summary>
    /// <param name="text">In UTF-8.</param>
    /// <returns>Whether there was one.</returns>
    public bool Mask(Span<byte> text)
    {
        var found = false;
        var room = ArrayPool<char>.Shared.Rent(Math.Min(text.Length, Chunk + overlap));
        for (var start = 0; start < text.Length; start += Chunk)
        {
            // What is looked for is ASCII: each byte is a character.
            var bytes = text[start..Math.Min(text.Length, start + Chunk + overlap)];
            var chars = room.AsSpan(0, Encoding.Latin1.GetChars(bytes, room));
            for (var from = 0; Next(chars, ref from) is > 0 and var length && from < Chunk; from += length)
            {
                bytes.Slice(from, length).Fill((byte)'*');
                found = true;
            }
        }

        ArrayPool<char>.Shared.Return(room);
        return found;
    }

    public string Mask(string text)
    {
        var from = 0;
        if (Next(text, ref from) == 0) return text;
        var masked = text.ToCharArray();
        for (from = 0; Next(text, ref from) is > 0 and var length; from += length) masked.AsSpan(from, length).Fill('*');
        return new string(masked);
    }

    /// <returns>The length of the next one, which <paramref name="from"/> leads to; 0: there is none.</returns>
    private int Next(ReadOnlySpan<char> text, ref int from)
    {
        while (text[from..].IndexOfAny(any) is >= 0 and var at)
        {
            from += at;
            if (LengthAt(text[from..]) is > 0 and var length) return length;
            from++;
        }

        return 0;
    }

    private int LengthAt(ReadOnlySpan<char> text)
    {
        foreach (var writing in writings)
            if (text.StartsWith(writing, StringComparison.Ordinal)) return writing.Length;
        if (!text.StartsWith(KeyPrefix, StringComparison.Ordinal)) return 0;
        var end = KeyPrefix.Length;
        while (end < text.Length && char.IsAsciiLetterOrDigit(text[end])) end++;
        return end - KeyPrefix.Length >= KeyLength ? end : 0;
    }

    private static bool IsLookedFor(string secret) =>
        secret.Length is >= Shortest and <= Longest && secret.All(x => x is > ' ' and <= '~') && secret.Any(char.IsAsciiDigit)
            && secret.Any(char.IsAsciiLetter);

    /// <summary>As it is, and as JSON and addresses escape it.</summary>
    private static string[] Writings(string secret) =>
        [secret, JavaScriptEncoder.Default.Encode(secret), JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(secret),
            secret.Replace("/", "\\/", StringComparison.Ordinal), Uri.EscapeDataString(secret)];
}
