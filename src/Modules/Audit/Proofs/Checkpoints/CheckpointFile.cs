using System.Text;
using Microsoft.Extensions.Configuration;
using Notify.Audit.Proofs.Format;

namespace Notify.Audit.Proofs.Checkpoints;

/// <param name="Tail">What stands behind the last checkpoint: the beginning of the next, where a process died (or is just now) writing it; empty as a
/// rule.</param>
/// <param name="Garbage">What is in the file and is no checkpoint, in words, with its line.</param>
public sealed record CheckpointsInFile(
    IReadOnlyList<(SignedNote Note, Checkpoint Checkpoint)> Checkpoints, string Tail, IReadOnlyList<string> Garbage);

/// <summary>
/// Every checkpoint once more outside the database, one after the other with an empty line behind each. A database that was rewritten together with
/// its own checkpoints, or restored from an old copy, does not agree with it. Best kept on storage that can only be added to.
/// </summary>
public sealed class CheckpointFile(IConfiguration configuration, Marks marks, TimeProvider time)
{
    private const string MarkName = "file";

    /// <summary>A checkpoint has four lines and an empty one before its signatures: the key's, and the one before it when it was replaced.</summary>
    private const int MostLines = 5 + 16;

    private static readonly string signature = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes("— "));

    /// <summary>Says how far this node has written its file. In the data directory, since it is rewritten each time, which the file's place may not
    /// allow.</summary>
    public string MarkPath { get; } = System.IO.Path.Combine(configuration["Notify:DataDirectory"]!, "checkpoints.mark");

    public string Path { get; } = configuration["Notify:Audit:CheckpointFile"] is { Length: > 0 } given
        ? given : System.IO.Path.Combine(configuration["Notify:DataDirectory"]!, "checkpoints");

    /// <summary>
    /// What is in the file was committed in the database before. So whoever compares the two reads the file first: what it has then, a snapshot taken
    /// afterwards has too, however many are signed meanwhile.
    /// </summary>
    public async Task<CheckpointsInFile> ReadAsync(CancellationToken cancellation)
    {
        var checkpoints = new List<(SignedNote, Checkpoint)>();
        var (tail, garbage) = await ScanAsync((note, checkpoint) => checkpoints.Add((note, checkpoint)), cancellation);
        return new CheckpointsInFile(checkpoints, tail, garbage);
    }

    /// <summary>One after the other, in constant memory.</summary>
    /// <returns>What stands behind the last one, and what is none.</returns>
    public async Task<(string Tail, IReadOnlyList<string> Garbage)> ScanAsync(Action<SignedNote, Checkpoint> found, CancellationToken cancellation)
    {
        if (!File.Exists(Path)) return ("", []);
        // A character for each byte, whatever the bytes are: somebody may have written anything.
        await using var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file, Encoding.Latin1);
        var (garbage, lines, number) = (new List<string>(), new List<string>(), 0);
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            number++;
            // A record ends with an empty line behind its signatures.
            if (line.Length > 0 || lines.Count == 0 || !lines[^1].StartsWith(signature, StringComparison.Ordinal))
            {
                lines.Add(line);
                continue;
            }

            if (Parse(lines) is { } checkpoint) found(checkpoint.Note, checkpoint.Checkpoint);
            else garbage.Add($"no checkpoint in the lines {number - lines.Count} to {number}");
            lines.Clear();
        }

        return (Utf8(lines), garbage);
    }

    /// <summary>0: there is no file.</summary>
    public long Length => File.Exists(Path) ? new FileInfo(Path).Length : 0;

    /// <returns>Null: there is none. Read it before the file: then the file is at least as far.</returns>
    /// <exception cref="Log.LogDamagedException">It was not written by this installation.</exception>
    public async Task<LogMark?> ReadMarkAsync(CancellationToken cancellation)
    {
        if (!File.Exists(MarkPath)) return null;
        return marks.OfText(MarkName, await File.ReadAllTextAsync(MarkPath, cancellation))
            ?? throw new Log.LogDamagedException(
                $"The mark {MarkPath}, which says how far the checkpoints were written, is not one that this installation wrote.");
    }

    /// <summary>On disk, whole or not at all, when it returns.</summary>
    public async Task WriteMarkAsync(LogMark mark, CancellationToken cancellation)
    {
        var next = $"{MarkPath}.next";
        await using (var file = new FileStream(next, FileMode.Create, FileAccess.Write))
        {
            await file.WriteAsync(Encoding.UTF8.GetBytes(marks.Text(MarkName, mark)), cancellation);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, MarkPath, overwrite: true);
    }

    /// <summary>Puts the file aside, to be kept with the records of whatever made that necessary; the next checkpoint begins a new one.</summary>
    /// <returns>Where it is now; null: there was none.</returns>
    public string? PutAside()
    {
        if (File.Exists(MarkPath)) File.Delete(MarkPath);
        if (!File.Exists(Path)) return null;
        var aside = $"{Path}.until-{time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff", System.Globalization.CultureInfo.InvariantCulture)}";
        File.Move(Path, aside);
        return aside;
    }

    /// <summary>In front may be what a process wrote that died while it did: the beginning of what was written again after that, and nothing
    /// else.</summary>
    private static (SignedNote Note, Checkpoint Checkpoint)? Parse(List<string> lines)
    {
        for (var torn = Math.Max(0, lines.Count - MostLines); torn < lines.Count; torn++)
        {
            var text = Utf8(lines[torn..]) + "\n";
            if (SignedNote.Parse(text) is not { } note || Checkpoint.Parse(note.Text) is not { } checkpoint) continue;
            return torn == 0 || IsBeginning(Utf8(lines[..torn]), note) ? (note, checkpoint) : null;
        }

        return null;
    }

    /// <summary>Also where it was cut off in the middle of a character.</summary>
    public static bool IsBeginning(string text, SignedNote note) => note.ToString().StartsWith(text.TrimEnd('\uFFFD'), StringComparison.Ordinal);

    private static string Utf8(IEnumerable<string> lines) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(string.Join('\n', lines)));

    /// <summary>On disk when it returns.</summary>
    public async Task AppendAsync(IEnumerable<SignedNote> notes, CancellationToken cancellation)
    {
        var torn = File.Exists(Path) && !await EndsWholeAsync(cancellation);
        await using var file = new FileStream(Path, FileMode.Append, FileAccess.Write, FileShare.Read);
        if (torn) file.WriteByte((byte)'\n');
        foreach (var note in notes) await file.WriteAsync(Encoding.UTF8.GetBytes($"{note}\n"), cancellation);
        file.Flush(flushToDisk: true);
    }

    private async Task<bool> EndsWholeAsync(CancellationToken cancellation)
    {
        await using var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        if (file.Length == 0) return true;
        file.Seek(-1, SeekOrigin.End);
        var last = new byte[1];
        await file.ReadExactlyAsync(last, cancellation);
        return last[0] == '\n';
    }
}
