using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Notify.Kernel.Secrets;

/// <summary>
/// Removes from texts every secret that this process has ever handled: platforms, proxies and exceptions repeat the address that was called, with the
/// key in it, and their texts are recorded. It also finds parts of secrets, as in truncated texts, and other encodings: percent-encoded (also twice),
/// escaped for JSON or HTML, Base64, in other case. Parts shorter than <see cref="Window"/> characters cannot be told from coincidence.
/// </summary>
public sealed class KnownSecrets(TimeProvider time)
{
    private const char Struck = '…';

    /// <summary>The number of consecutive characters of a secret that are recognised as a part of it.</summary>
    private const int Window = 8;

    /// <summary>A window with fewer different characters is a common pattern (<c>00000000</c>).</summary>
    private const int LeastVariety = 4;

    private static readonly TimeSpan afterlife = TimeSpan.FromHours(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, DateTimeOffset> secrets = new(StringComparer.Ordinal);
    private readonly HashSet<string> chosen = new(StringComparer.Ordinal);
    private readonly HashSet<string> patterns = new(StringComparer.Ordinal);
    private readonly HashSet<ulong> windows = [];
    private DateTimeOffset nextExpiry = DateTimeOffset.MaxValue;

    /// <summary>Created on demand; null: the secrets have changed since.</summary>
    private volatile WholeSecrets? whole;

    public DateTimeOffset Now => time.GetUtcNow();

    /// <param name="until">When it expires; it is still removed for another hour. Null: never.</param>
    public void Add(string secret, DateTimeOffset? until = null)
    {
        if (secret.Length == 0) return;
        lock (gate)
        {
            if (nextExpiry < time.GetUtcNow()) Forget();
            var end = until + afterlife ?? DateTimeOffset.MaxValue;
            var isNew = !secrets.TryGetValue(secret, out var before);
            if (isNew || before < end) secrets[secret] = end;
            if (end < nextExpiry) nextExpiry = end;
            if (!isNew) return;
            Learn(secret);
            whole = null;
        }
    }

    /// <summary>Adds a secret that people may have chosen: it may consist of words, so only the whole of it is removed.</summary>
    public void AddChosen(string secret)
    {
        // Text contains nothing at every place, so removing it would never end.
        if (secret.Length == 0) return;
        lock (gate)
        {
            if (chosen.Add(secret)) whole = null;
        }
    }

    /// <summary>Replaces every whole secret in input by asterisks (<see cref="WholeSecrets"/>).</summary>
    /// <param name="text">UTF-8.</param>
    public void Mask(Span<byte> text) => Whole().Mask(text);

    /// <inheritdoc cref="Mask(Span{byte})"/>
    public string Mask(string text) => Whole().Mask(text);

    /// <summary>Masks names and texts.</summary>
    /// <inheritdoc cref="Mask(Span{byte})"/>
    public JsonNode Mask(JsonNode node)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(node, NotifyJson.Options);
        return Whole().Mask(text) ? JsonNode.Parse(text)! : node;
    }

    private WholeSecrets Whole()
    {
        if (whole is { } current) return current;
        lock (gate) return whole ??= new WholeSecrets(secrets.Keys.Concat(chosen));
    }

    /// <summary>The text without any secret.</summary>
    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(text))]
    public string? Strike(string? text)
    {
        if (string.IsNullOrEmpty(text)) return text;
        lock (gate)
        {
            foreach (var pattern in patterns.Concat(chosen))
                if (text.Contains(pattern, StringComparison.OrdinalIgnoreCase)) text = StrikeWhole(text, pattern);
            return text.Length < Window ? text : StrikeParts(text);
        }
    }

    /// <summary>Removes a short secret only if it is a whole word or value: within words it may be a coincidence.</summary>
    private static string StrikeWhole(string text, string secret)
    {
        var left = new StringBuilder(text.Length);
        var from = 0;
        for (int at; (at = text.IndexOf(secret, from, StringComparison.OrdinalIgnoreCase)) >= 0; from = at + secret.Length)
        {
            var alone = (at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1]))
                && (at + secret.Length == text.Length || !char.IsAsciiLetterOrDigit(text[at + secret.Length]));
            left.Append(text, from, at - from);
            if (secret.Length >= Window || alone) left.Append(Struck);
            else left.Append(text, at, secret.Length);
        }

        return left.Append(text, from, text.Length - from).ToString();
    }

    private string StrikeParts(string text)
    {
        StringBuilder? left = null;
        var (value, kept, end) = (0UL, 0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            value = (value << 8) | Byte(text[i]);
            if (i < Window - 1 || !windows.Contains(value)) continue;
            var start = i - Window + 1;
            left ??= new StringBuilder(text.Length);
            // A match adjacent to the last removed part belongs to the same secret.
            if (start > end || (start == end && left.Length == 0)) left.Append(text, kept, start - kept).Append(Struck);
            (kept, end) = (i + 1, i + 1);
        }

        return left is null ? text : left.Append(text, kept, text.Length - kept).ToString();
    }

    private void Forget()
    {
        var now = time.GetUtcNow();
        foreach (var (secret, until) in secrets.Where(x => x.Value < now).ToList()) secrets.Remove(secret);
        nextExpiry = secrets.Values.DefaultIfEmpty(DateTimeOffset.MaxValue).Min();
        windows.Clear();
        patterns.Clear();
        whole = null;
        foreach (var secret in secrets.Keys) Learn(secret);
    }

    private void Learn(string secret)
    {
        // A short secret, or one with a common pattern in it, is searched for as a whole.
        if (secret.Length < Window)
        {
            patterns.Add(secret);
            return;
        }

        foreach (var writing in Writings(secret).Distinct(StringComparer.Ordinal))
        {
            var value = 0UL;
            for (var i = 0; i < writing.Length; i++)
            {
                value = (value << 8) | Byte(writing[i]);
                if (i < Window - 1) continue;
                if (HasVariety(value)) windows.Add(value);
                else if (ReferenceEquals(writing, secret)) patterns.Add(secret);
            }
        }
    }

    private static IEnumerable<string> Writings(string secret)
    {
        yield return secret;
        var encoded = Uri.EscapeDataString(secret);
        yield return encoded;
        yield return Uri.EscapeDataString(encoded);
        yield return JavaScriptEncoder.Default.Encode(secret);
        yield return secret.Replace("/", "\\/", StringComparison.Ordinal);
        yield return HtmlEncoder.Default.Encode(secret);
        // Within a longer text it may begin at any of three positions of a Base64 group; characters that depend on its neighbours are omitted.
        for (var before = 0; before < 3; before++)
        {
            var bytes = Encoding.UTF8.GetBytes(new string('\0', before) + secret);
            var whole = bytes.Length / 3 * 3;
            yield return Convert.ToBase64String(bytes, 0, whole)[(before == 0 ? 0 : before == 1 ? 2 : 3)..];
        }
    }

    private static bool HasVariety(ulong window)
    {
        Span<byte> seen = stackalloc byte[Window];
        var count = 0;
        for (; window != 0; window >>= 8)
            if (!seen[..count].Contains((byte)window)) seen[count++] = (byte)window;
        return count >= LeastVariety;
    }

    /// <summary>Ignores case, and which of the two Base64 alphabets is used.</summary>
    private static byte Byte(char character) => character switch
    {
        '-' => (byte)'+',
        '_' => (byte)'/',
        < '\x80' => (byte)char.ToLowerInvariant(character),
        _ => (byte)(0x80 | (character ^ (character >> 8))),
    };
}
