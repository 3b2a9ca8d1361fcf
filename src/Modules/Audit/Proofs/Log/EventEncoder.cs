using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text.Json;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Format;
using Notify.Kernel;
using Notify.Kernel.Events.Store;

namespace Notify.Audit.Proofs.Log;

/// <summary>
/// Computes the leaf of a stored event, or its entry in an export (docs/proofs.md, <see cref="EntryEncoding"/>), in one pass over the bytes from
/// PostgreSQL. Not thread-safe.
/// </summary>
public sealed class EventEncoder
{
    /// <summary>The bytes of a seed; all salts of an event are derived from one seed.</summary>
    public const int SeedSize = 16;

    private const int MostDepth = 128;

    private static readonly SearchValues<byte> inText = SearchValues.Create("\"\\"u8);
    private static readonly SearchValues<byte> mustEscape = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Select(x => (byte)x), (byte)'"', (byte)'\\']);

    private readonly ByteBuffer body = new();
    private readonly ByteBuffer head = new();

    // The names of the objects and lists around the current position.
    private (int Start, int Length)[] names = new (int, int)[32];
    private bool[] isObject = new bool[32];

    // The event that is being written.
    private readonly byte[] seed = new byte[SeedSize];
    private Redaction? redaction;
    private bool export;
    private int values;
    private Action<int, ReadOnlyMemory<byte>>? visit;
    private IReadOnlySet<int>? erase;

    public void Leaf(Span<byte> leaf, EventRow row, ReadOnlySpan<byte> eventSeed, Redaction? redacted = null)
    {
        Span<byte> commitment = stackalloc byte[Sha256.Size];
        BodyCommitment(commitment, row, eventSeed, redacted);
        head.Clear();
        AppendHead(head, row);
        head.Append(",\"body\":\""u8);
        head.AppendHex(commitment);
        head.Append((byte)'"');
        AppendTail(head, row);
        TreeHash.Leaf(leaf, head.Written);
    }

    /// <summary>The entry as canonical JSON, appended to <paramref name="to"/>.</summary>
    public void Entry(ByteBuffer to, EventRow row, ReadOnlySpan<byte> eventSeed, Redaction? redacted = null)
    {
        Begin(eventSeed, redacted, exporting: true);
        AppendHead(to, row);
        to.Append(",\"body\":"u8);
        if (redacted?.Commitments.TryGetValue(Redaction.Body, out var erased) == true)
        {
            AppendCommitment(to, erased);
        }
        else
        {
            AppendBody(to, row);
            Span<byte> salt = stackalloc byte[Sha256.Size];
            Salt(salt, Redaction.Body);
            to.Append(",\"salt\":\""u8);
            to.AppendHex(salt[..EntryEncoding.SaltSize]);
            to.Append((byte)'"');
        }

        AppendTail(to, row);
    }

    /// <summary>All salts of an event, the body's first. They replace the seed when a value is erased.</summary>
    /// <param name="found">Called for each personal value with its number and its JSON, which is valid only during the call.</param>
    public byte[] Salts(EventRow row, ReadOnlySpan<byte> eventSeed, Redaction? redacted, Action<int, ReadOnlyMemory<byte>> found)
    {
        Begin(eventSeed, redacted, exporting: false);
        visit = found;
        body.Clear();
        AppendBody(body, row);
        visit = null;
        var salts = new byte[(values + 1) * EntryEncoding.SaltSize];
        Span<byte> salt = stackalloc byte[Sha256.Size];
        for (var i = 0; i <= values; i++)
        {
            if (redacted?.Commitments.ContainsKey(i) == true) continue;
            Salt(salt, i);
            salt[..EntryEncoding.SaltSize].CopyTo(salts.AsSpan(i * EntryEncoding.SaltSize));
        }

        return salts;
    }

    /// <summary>Data and headers with the values of these numbers erased, as they are to be stored. Only for events whose members need no escape
    /// (<see cref="NeedsEscape"/>).</summary>
    public (string Data, string? Headers) Redacted(EventRow row, IReadOnlySet<int> erased)
    {
        Begin(default, null, exporting: false);
        erase = erased;
        body.Clear();
        AppendJson(body, row.Data);
        var data = System.Text.Encoding.UTF8.GetString(body.Written);
        string? headers = null;
        if (row.Headers is { } stored)
        {
            body.Clear();
            AppendJson(body, stored);
            headers = System.Text.Encoding.UTF8.GetString(body.Written);
        }

        erase = null;
        return (data, headers);
    }

    /// <summary>Whether a string in the event begins with <c>$</c>, as the names of commitments do.</summary>
    public static bool NeedsEscape(EventRow row) => row.Data.Span.IndexOf("\"$"u8) >= 0 || row.Headers?.Span.IndexOf("\"$"u8) >= 0;

    public void BodyCommitment(Span<byte> commitment, EventRow row, ReadOnlySpan<byte> eventSeed, Redaction? redacted)
    {
        if (redacted?.Commitments.TryGetValue(Redaction.Body, out var erased) == true)
        {
            erased.CopyTo(commitment);
            return;
        }

        Begin(eventSeed, redacted, exporting: false);
        body.Clear();
        AppendBody(body, row);
        Span<byte> salt = stackalloc byte[Sha256.Size];
        Salt(salt, Redaction.Body);
        EntryEncoding.Commit(commitment, salt[..EntryEncoding.SaltSize], body.Written);
    }

    /// <summary>A redaction as if the whole body had been erased: the commitment proves the body without showing it.</summary>
    public Redaction Hidden(EventRow row, ReadOnlySpan<byte> eventSeed, Redaction? redacted)
    {
        var commitment = new byte[Sha256.Size];
        BodyCommitment(commitment, row, eventSeed, redacted);
        return new(new byte[EntryEncoding.SaltSize], new Dictionary<int, byte[]> { [Redaction.Body] = commitment });
    }

    private void Begin(ReadOnlySpan<byte> eventSeed, Redaction? redacted, bool exporting)
    {
        eventSeed.CopyTo(seed);
        // A visitor is left over only if it threw an exception.
        (redaction, export, values, visit) = (redacted, exporting, 0, null);
    }

    private static void AppendHead(ByteBuffer to, EventRow row)
    {
        to.Append("{\"at\":\""u8);
        AppendInstant(to, row.At);
        to.Append("\",\"id\":\""u8);
        Utf8Formatter.TryFormat(row.Id, to.GetSpan(36), out var written);
        to.Advance(written);
        to.Append("\",\"seq\":"u8);
        to.AppendNumber(row.Sequence);
    }

    private static void AppendTail(ByteBuffer to, EventRow row)
    {
        to.Append(",\"type\":"u8);
        AppendText(to, row.Type.Span);
        to.Append(",\"stream\":"u8);
        AppendText(to, row.Stream.Span);
        to.Append(",\"version\":"u8);
        to.AppendNumber(row.Version);
        to.Append((byte)'}');
    }

    private void AppendBody(ByteBuffer to, EventRow row)
    {
        to.Append("{\"data\":"u8);
        AppendJson(to, row.Data);
        if (row.User is { } user) AppendMember(to, ",\"user\":"u8, user.Span);
        if (row.Headers is { } headers)
        {
            to.Append(",\"headers\":"u8);
            AppendJson(to, headers);
        }

        if (row.Causation is { } causation) AppendMember(to, ",\"causation\":"u8, causation.Span);
        if (row.Correlation is { } correlation) AppendMember(to, ",\"correlation\":"u8, correlation.Span);
        to.Append((byte)'}');
    }

    private static void AppendMember(ByteBuffer to, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        to.Append(name);
        AppendText(to, text);
    }

    private static void AppendText(ByteBuffer to, ReadOnlySpan<byte> text)
    {
        if (text.IndexOfAny(mustEscape) >= 0)
        {
            to.Append(CanonicalJson.Quoted(System.Text.Encoding.UTF8.GetString(text)));
            return;
        }

        to.Append((byte)'"');
        to.Append(text);
        to.Append((byte)'"');
    }

    /// <summary>Microseconds since 1970 as RFC 3339 in UTC, always with six fraction digits.</summary>
    private static void AppendInstant(ByteBuffer to, long microseconds)
    {
        var instant = DateTime.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
        instant.TryFormat(to.GetSpan(27), out var written, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        to.Advance(written);
    }

    private static void AppendCommitment(ByteBuffer to, ReadOnlySpan<byte> commitment)
    {
        to.Append("{\"$commitment\":\""u8);
        to.AppendHex(commitment);
        to.Append("\"}"u8);
    }

    /// <summary>Appends canonical JSON. jsonb already has the canonical order and escapes, so only blanks are dropped and personal texts replaced by
    /// commitments.</summary>
    private void AppendJson(ByteBuffer to, ReadOnlyMemory<byte> memory)
    {
        // A member whose name begins with $ could be mistaken for a commitment. It gets a second $, and then members must be sorted again.
        if (memory.Span.IndexOf("\"$"u8) >= 0) memory = Escaped(memory);
        var json = memory.Span;
        var (depth, isName, name) = (0, false, (Start: 0, Length: 0));
        for (var i = 0; i < json.Length;)
        {
            var c = json[i];
            switch (c)
            {
                case (byte)'"':
                    var length = TextLength(json[i..]);
                    var text = memory.Slice(i, length);
                    if (isName) name = (i + 1, length - 2);
                    if (!isName && length > 2 && depth > 0 && IsPersonal(json, depth, name)) AppendPersonal(to, text);
                    else to.Append(text.Span);
                    i += length;
                    continue;
                case (byte)'{' or (byte)'[':
                    if (++depth == names.Length) Grow();
                    isObject[depth] = c == '{';
                    names[depth] = name;
                    isName = isObject[depth];
                    break;
                case (byte)'}' or (byte)']':
                    name = names[depth--];
                    isName = false;
                    break;
                case (byte)',':
                    isName = depth > 0 && isObject[depth];
                    // An element of a list goes by the list's name.
                    if (depth > 0 && !isObject[depth]) name = names[depth];
                    break;
                case (byte)':':
                    isName = false;
                    break;
                case (byte)' ':
                    i++;
                    continue;
            }

            to.Append(c);
            i++;
        }
    }

    private bool IsPersonal(ReadOnlySpan<byte> json, int depth, (int Start, int Length) name)
    {
        var parent = names[depth];
        return PersonalFields.Contains(json.Slice(name.Start, name.Length), json.Slice(parent.Start, parent.Length));
    }

    private static int TextLength(ReadOnlySpan<byte> json)
    {
        for (var i = 1; ;)
        {
            i += json[i..].IndexOfAny(inText);
            if (json[i] == '"') return i + 1;
            i += 2;
        }
    }

    private void AppendPersonal(ByteBuffer to, ReadOnlyMemory<byte> text)
    {
        values++;
        visit?.Invoke(values, text);
        if (erase is not null)
        {
            to.Append(erase.Contains(values) ? Erased.Json : text.Span);
            return;
        }

        if (redaction?.Commitments.TryGetValue(values, out var erased) == true)
        {
            AppendCommitment(to, erased);
            return;
        }

        Span<byte> hash = stackalloc byte[Sha256.Size];
        Salt(hash, values);
        if (export)
        {
            to.Append("{\"$personal\":[\""u8);
            to.AppendHex(hash[..EntryEncoding.SaltSize]);
            to.Append("\","u8);
            to.Append(text.Span);
            to.Append("]}"u8);
            return;
        }

        EntryEncoding.Commit(hash, hash[..EntryEncoding.SaltSize], text.Span);
        AppendCommitment(to, hash);
    }

    /// <summary>Writes a value's salt into the first 16 bytes: of a redacted event as it was kept, else the beginning of SHA-256 over the seed and
    /// the value's number.</summary>
    private void Salt(Span<byte> hash, int value)
    {
        if (redaction is not null)
        {
            redaction.Salt(value).CopyTo(hash);
            return;
        }

        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, value);
        Sha256.Hash(hash, seed, number);
    }

    private static ReadOnlyMemory<byte> Escaped(ReadOnlyMemory<byte> json)
    {
        // Nested deeper than any event of Notify's: somebody else wrote it. It gets a leaf all the same; otherwise the log could not continue.
        if (Depth(json.Span) > MostDepth) return json;
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MostDepth });
        var result = new ArrayBufferWriter<byte>(json.Length + 8);
        CanonicalJson.Write(result, document.RootElement, rename: x => x.StartsWith('$') ? "$" + x : x);
        return result.WrittenMemory;
    }

    private static int Depth(ReadOnlySpan<byte> json)
    {
        var (depth, most) = (0, 0);
        for (var i = 0; i < json.Length;)
        {
            if (json[i] == '"')
            {
                i += TextLength(json[i..]);
                continue;
            }

            if (json[i] is (byte)'{' or (byte)'[') most = Math.Max(most, ++depth);
            else if (json[i] is (byte)'}' or (byte)']') depth--;
            i++;
        }

        return most;
    }

    private void Grow()
    {
        Array.Resize(ref names, names.Length * 2);
        Array.Resize(ref isObject, isObject.Length * 2);
    }
}
