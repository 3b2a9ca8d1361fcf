using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Notify.Audit.Proofs.Log;

namespace Notify.Audit.Index;

/// <summary>Recent terms by their bytes in events, so that recurring ones need not be decoded, folded and hashed again.</summary>
internal sealed class TermCache
{
    private const int Most = 30_000;

    private readonly Dictionary<byte[], TermPlaces> terms;
    private readonly Dictionary<byte[], TermPlaces>.AlternateLookup<ReadOnlySpan<byte>> lookup;
    private readonly ByteBuffer key = new();

    public TermCache()
    {
        terms = new(Utf8Comparer.Instance);
        lookup = terms.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>Limits the size; call only between batches.</summary>
    public void Trim()
    {
        if (terms.Count > Most) terms.Clear();
    }

    public void Clear() => terms.Clear();

    /// <param name="detail">Escaped as in JSON; empty: none.</param>
    public TermPlaces Of(TermField field, ReadOnlySpan<byte> value, ReadOnlySpan<byte> detail = default)
    {
        key.Clear();
        key.Append((byte)field);
        key.Append(value);
        if (!detail.IsEmpty)
        {
            key.Append((byte)0);
            key.Append(detail);
        }

        if (!lookup.TryGetValue(key.Written, out var places))
            lookup[key.Written] = places = new(new Term(field, Encoding.UTF8.GetString(value), detail.IsEmpty ? null : Unescaped(detail)));
        return places;
    }

    /// <param name="json">A text as escaped in JSON, without quotation marks; several texts are separated by line feeds.</param>
    public TermPlaces OfText(ReadOnlySpan<byte> json)
    {
        key.Clear();
        key.Append((byte)TermField.Text);
        key.Append(json);
        return OfTextInKey();
    }

    public TermPlaces OfText(string text) =>
        OfText(JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);

    public TermPlaces OfSubject(ReadOnlySpan<byte> name, ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty) return OfText(name);
        key.Clear();
        key.Append((byte)TermField.Text);
        key.Append(name);
        key.Append((byte)'\n');
        key.Append(path);
        return OfTextInKey();
    }

    private TermPlaces OfTextInKey()
    {
        if (!lookup.TryGetValue(key.Written, out var places)) lookup[key.Written] = places = new(
            new Term(TermField.Text, Term.Fold(Unescaped(key.Written[1..]))));
        return places;
    }

    private static string Unescaped(ReadOnlySpan<byte> json)
    {
        if (!json.Contains((byte)'\\')) return Encoding.UTF8.GetString(json);
        var lines = new List<string?>();
        foreach (var line in json.Split((byte)'\n')) lines.Add(JsonSerializer.Deserialize<string>([(byte)'"', .. json[line], (byte)'"']));
        return string.Join('\n', lines);
    }
}

internal sealed class Utf8Comparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static readonly Utf8Comparer Instance = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        var hash = new HashCode();
        hash.AddBytes(alternate);
        return hash.ToHashCode();
    }
}
