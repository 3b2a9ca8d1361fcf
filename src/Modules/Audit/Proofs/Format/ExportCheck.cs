using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Notify.Kernel;

namespace Notify.Audit.Proofs.Format;

/// <param name="Fault">Null: the export is unaltered and matches the log.</param>
/// <param name="Line">Where the fault is, from 1.</param>
/// <param name="Signatures">The signatures of people, all of them valid.</param>
public sealed record ExportResult(long Entries, Checkpoint? Checkpoint, string? Fault, long Line, IReadOnlyList<GoodSignature> Signatures);

/// <summary>
/// Checks an export (docs/proofs.md) in constant memory: each line must be in its canonical form, the leaves that follow from its entries together
/// with the skipped subtrees must give the root of the signed checkpoint, and the last line must be signed over all lines before it. The signatures
/// of people in it must be valid too (<see cref="SignatureCheck"/>).
/// </summary>
public sealed class ExportCheck(IReadOnlyCollection<NoteKey> keys, ApprovalTypes types)
{
    public const string Format = "notify-audit-export/1";

    private readonly CompactRange tree = new();
    private readonly IncrementalHash digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private Checkpoint? checkpoint;

    /// <summary>The keys that bear the name of the checkpoint's log: those of another installation sign nothing here.</summary>
    private List<NoteKey> own = [];

    /// <summary>Nothing was filtered, so nothing may be skipped.</summary>
    private bool isWhole;
    private SignatureCheck? signatures;
    private long entries;
    private long lines;
    private bool ended;

    public static ExportResult Check(Stream input, IReadOnlyCollection<NoteKey> keys, ApprovalTypes types)
    {
        var check = new ExportCheck(keys, types);
        try
        {
            foreach (var line in LinesOf(input)) check.Add(line);
            if (!check.ended) throw new FormatException("The export has no end.");
            return check.Result(null);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            return check.Result(e.Message);
        }
        finally
        {
            check.digest.Dispose();
        }
    }

    /// <summary>Checks a CSV export. Uses a temporary file, so that an export of any size needs little memory.</summary>
    public static ExportResult CheckCsv(Stream input, IReadOnlyCollection<NoteKey> keys, ApprovalTypes types)
    {
        using var lines = new FileStream(
            Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose);
        try
        {
            using var csv = new StreamReader(
                input, new UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false, leaveOpen: true);
            CsvRows.ToLines(csv, lines);
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException or InvalidOperationException)
        {
            return new(0, null, e.Message, 0, []);
        }

        lines.Position = 0;
        return Check(lines, keys, types);
    }

    /// <param name="line">Without its line feed.</param>
    private void Add(ReadOnlyMemory<byte> line)
    {
        lines++;
        if (ended) throw new FormatException("Something follows the end.");
        using var document = CanonicalJson.Parse(line) ?? throw new FormatException("The line is not canonical JSON.");
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object) throw new FormatException("The line is not an object.");
        if (checkpoint is null) Begin(root);
        else if (root.TryGetProperty("entry", out var entry)) Entry(root, entry);
        else if (root.TryGetProperty("skip", out var skip)) Skip(root, skip);
        else if (root.TryGetProperty("end", out var end)) End(root, end);
        else throw new FormatException("The line is not of a kind that an export has.");
        digest.AppendData(line.Span);
        digest.AppendData("\n"u8);
    }

    private void Begin(JsonElement line)
    {
        Only(line, "filter", "format", "checkpoint");
        if (Text(line, "format") != Format) throw new FormatException($"The format is not {Format}.");
        (checkpoint, own) = CheckpointOf(SignedNote.Parse(Text(line, "checkpoint")), keys);
        isWhole = Required(line, "filter", JsonValueKind.Object).GetPropertyCount() == 0;
        signatures = new SignatureCheck(own, checkpoint.Origin, types, new(types));
    }

    /// <returns>The checkpoint, and the keys that bear the name of its log.</returns>
    /// <exception cref="FormatException">No such key has signed it.</exception>
    internal static (Checkpoint Checkpoint, List<NoteKey> Keys) CheckpointOf(SignedNote? note, IReadOnlyCollection<NoteKey> keys)
    {
        if (note?.IsSignedBy(keys) != true) throw new FormatException("The checkpoint is not signed with this key.");
        var checkpoint = Checkpoint.Parse(note.Text) ?? throw new FormatException("The checkpoint is malformed.");
        var own = keys.Where(x => x.Name == checkpoint.Origin).ToList();
        if (own.Count == 0) throw new FormatException("The checkpoint is of another log.");
        return note.IsSignedBy(own) ? (checkpoint, own) : throw new FormatException("The checkpoint is not signed with this key.");
    }

    private void Entry(JsonElement line, JsonElement entry)
    {
        Only(line, "entry", "index");
        if (Number(line, "index") != tree.Size || tree.Size >= checkpoint!.Size) throw new FormatException("The entry has a wrong index.");
        var leaf = EntryEncoding.LeafHash(entry);
        tree.Append(leaf);
        entries++;
        if (signatures!.Add(SignableEvent.Of(entry, types), Convert.ToHexStringLower(leaf), lines) is { } fault) throw new FormatException(fault);
    }

    private void Skip(JsonElement line, JsonElement skip)
    {
        Only(line, "skip");
        Only(skip, "to", "hashes");
        var to = Number(skip, "to");
        if (isWhole) throw new FormatException("Entries are missing, though nothing was filtered.");
        if (to <= tree.Size || to > checkpoint!.Size) throw new FormatException("The skip ends at an impossible index.");
        foreach (var hash in Required(skip, "hashes", JsonValueKind.Array).EnumerateArray())
        {
            if (tree.Size >= to) throw new FormatException("The skip has too many hashes.");
            tree.Append(EntryEncoding.Bytes(hash, Sha256.Size), CompactRange.HeightAt(tree.Size, to));
        }

        if (tree.Size != to) throw new FormatException("The skip has too few hashes.");
    }

    private void End(JsonElement line, JsonElement end)
    {
        Only(line, "end");
        if (tree.Size != checkpoint!.Size || !tree.Root().AsSpan().SequenceEqual(checkpoint.Root)) throw new FormatException(
            "The entries are not those that were signed.");
        var expected = StatementText(checkpoint.Origin, entries, digest.GetCurrentHash());
        if (end.ValueKind != JsonValueKind.String || SignedNote.Parse(end.GetString()!) is not { } note || note.Text != expected)
            throw new FormatException("The end is not signed over the lines before it.");
        if (!note.IsSignedBy(own)) throw new FormatException("The end is not signed with this key.");
        ended = true;
        foreach (var (place, fault) in signatures!.End())
        {
            lines = place;
            throw new FormatException(fault);
        }
    }

    private ExportResult Result(string? fault) => new(entries, checkpoint, fault, lines, fault is null ? signatures?.Good ?? [] : []);

    /// <summary>The text signed at the end: the number of entries, and SHA-256 of all lines before, line feeds included.</summary>
    public static string StatementText(string origin, long entries, ReadOnlySpan<byte> hash) =>
        string.Create(CultureInfo.InvariantCulture, $"{Format}\n{origin}\n{entries}\n{Convert.ToBase64String(hash)}\n");

    private static void Only(JsonElement value, params ReadOnlySpan<string> names)
    {
        if (value.ValueKind != JsonValueKind.Object) throw new FormatException("An object is missing.");
        foreach (var member in value.EnumerateObject())
            if (!names.Contains(member.Name)) throw new FormatException($"The line has an unknown member: {member.Name}.");
    }

    private static JsonElement Required(JsonElement value, string name, JsonValueKind kind) =>
        value.TryGetProperty(name, out var member) && member.ValueKind == kind ? member : throw new FormatException($"The line has no {name}.");

    private static string Text(JsonElement value, string name) => Required(value, name, JsonValueKind.String).GetString()!;

    private static long Number(JsonElement value, string name) =>
        long.TryParse(Required(value, name, JsonValueKind.Number).GetRawText(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : throw new FormatException($"{name} is not a whole number.");

    private static IEnumerable<ReadOnlyMemory<byte>> LinesOf(Stream input)
    {
        var buffer = new byte[64 * 1024];
        var (start, end) = (0, 0);
        while (true)
        {
            var length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                yield return buffer.AsMemory(start, length);
                start += length + 1;
                continue;
            }

            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
            if (end == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
            var read = input.Read(buffer, end, buffer.Length - end);
            if (read == 0)
            {
                if (end > 0) throw new FormatException("The last line has no end.");
                yield break;
            }

            end += read;
        }
    }
}
