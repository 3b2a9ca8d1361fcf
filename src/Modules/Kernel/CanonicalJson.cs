using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Notify.Kernel;

/// <summary>
/// The canonical form of a JSON value (docs/proofs.md): UTF-8 without white space; members sorted by the length of their names in bytes, then by
/// their bytes (before escaping); in strings only quotation marks, backslashes and control characters are escaped, in JSON's shortest form; numbers
/// are kept as written. PostgreSQL writes jsonb in this form, but with spaces.
/// </summary>
public static class CanonicalJson
{
    private static readonly SearchValues<char> escaped = SearchValues.Create([.. Enumerable.Range(0, 32).Select(x => (char)x), '"', '\\']);
    private static readonly JsonDocumentOptions options = new() { AllowDuplicateProperties = false, MaxDepth = 128 };

    /// <returns>Null: the text is not JSON, or not in the canonical form.</returns>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> text)
    {
        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(text, options);
            var again = new ArrayBufferWriter<byte>(text.Length);
            Write(again, document.RootElement);
            if (again.WrittenSpan.SequenceEqual(text.Span)) return document;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or EncoderFallbackException)
        {
            // Not JSON, or a text that is not Unicode.
        }

        document?.Dispose();
        return null;
    }

    /// <exception cref="InvalidOperationException">A text is not valid Unicode.</exception>
    /// <param name="replace">Writes a value differently and returns true, or returns false.</param>
    /// <param name="rename">Renames members.</param>
    public static void Write(
        IBufferWriter<byte> to, JsonElement value, Func<IBufferWriter<byte>, JsonElement, bool>? replace = null, Func<string, string>? rename = null)
    {
        if (replace?.Invoke(to, value) == true) return;
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                to.Write("{"u8);
                foreach (var (i, member) in value.EnumerateObject().Select(x => (Name: rename?.Invoke(x.Name) ?? x.Name, x.Value))
                    .OrderBy(x => strict.GetBytes(x.Name), ByLengthThenBytes).Index())
                {
                    if (i > 0) to.Write(","u8);
                    to.Write(Quoted(member.Name));
                    to.Write(":"u8);
                    Write(to, member.Value, replace, rename);
                }

                to.Write("}"u8);
                break;
            case JsonValueKind.Array:
                to.Write("["u8);
                foreach (var (i, element) in value.EnumerateArray().Index())
                {
                    if (i > 0) to.Write(","u8);
                    Write(to, element, replace, rename);
                }

                to.Write("]"u8);
                break;
            case JsonValueKind.String:
                to.Write(Quoted(value.GetString()!));
                break;
            default:
                to.Write(Encoding.UTF8.GetBytes(value.GetRawText()));
                break;
        }
    }

    /// <exception cref="InvalidOperationException">The text is not valid Unicode.</exception>
    public static byte[] Quoted(string text)
    {
        try
        {
            if (text.AsSpan().IndexOfAny(escaped) < 0) return strict.GetBytes($"\"{text}\"");
            var result = new StringBuilder("\"");
            foreach (var c in text)
            {
                _ = c switch
                {
                    '"' => result.Append("\\\""),
                    '\\' => result.Append("\\\\"),
                    '\b' => result.Append("\\b"),
                    '\f' => result.Append("\\f"),
                    '\n' => result.Append("\\n"),
                    '\r' => result.Append("\\r"),
                    '\t' => result.Append("\\t"),
                    < ' ' => result.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                    _ => result.Append(c),
                };
            }

            return strict.GetBytes(result.Append('"').ToString());
        }
        catch (EncoderFallbackException e)
        {
            throw new InvalidOperationException("The text is not valid Unicode.", e);
        }
    }

    private static readonly UTF8Encoding strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly Comparer<byte[]> ByLengthThenBytes =
        Comparer<byte[]>.Create((a, b) => a.Length != b.Length ? a.Length - b.Length : a.AsSpan().SequenceCompareTo(b));
}
