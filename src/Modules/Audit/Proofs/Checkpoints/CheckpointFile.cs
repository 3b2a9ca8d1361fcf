using System.Text;
using Microsoft.Extensions.Configuration;
using Notify.Audit.Proofs.Format;

namespace Notify.Audit.Proofs.Checkpoints;

/// <param name="Tail">What follows the last checkpoint; usually empty. It is the beginning of the next one if a process died while writing it or is
/// just writing it.</param>
/// <param name="Garbage">Descriptions of lines that are not a checkpoint.</param>
public sealed record CheckpointsInFile(
    IReadOnlyList<(SignedNote Note, Checkpoint Checkpoint)> Checkpoints, string Tail, IReadOnlyList<string> Garbage);

/// <summary>
/// A copy of every checkpoint outside the database, one after the other, each followed by an empty line. It exposes a database that was rewritten
/// together with its own checkpoints, or restored from an old copy. Best kept on append-only storage.
/// </summary>
public sealed class CheckpointFile(IConfiguration configuration, Marks marks, TimeProvider time)
{
    private const string MarkName = "file";

    /// <summary>A checkpoint has four lines and an empty one before its signatures: that of the key, and that of the previous key after a
    /// replacement.</summary>
    private const int MostLines = 5 + 16;

    private static readonly string signature = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes("— "));

    /// <summary>Records how far this node has written its file. It is in the data directory because it is rewritten each time, and the file's storage
    /// may be append-only.</summary>
    public string MarkPath { get; } = System.IO.Path.Combine(configuration["Notify:DataDirectory"]!, "checkpoints.mark");

    public string Path { get; } = configuration["Notify:Audit:CheckpointFile"] is { Length: > 0 } given
        ? given : System.IO.Path.Combine(configuration["Notify:DataDirectory"]!, "checkpoints");

    /// <summary>
    /// Every checkpoint in the file was committed to the database before. To compare the two, read the file first: a database snapshot taken
    /// afterwards contains everything that was in the file, even if more is signed meanwhile.
    /// </summary>
    public async Task<CheckpointsInFile> ReadAsync(CancellationToken cancellation)
    {
        var checkpoints = new List<(SignedNote, Checkpoint)>();
        var (tail, garbage) = await ScanAsync((note, checkpoint) => checkpoints.Add((note, checkpoint)), cancellation);
        return new CheckpointsInFile(checkpoints, tail, garbage);
    }

    /// <summary>Reads the checkpoints one after the other, in constant memory.</summary>
    /// <returns>As in <see cref="CheckpointsInFile"/>.</returns>
    public async Task<(string Tail, IReadOnlyList<string> Garbage)> ScanAsync(Action<SignedNote, Checkpoint> found, CancellationToken cancellation)
    {
        if (!File.Exists(Path)) return ("", []);
        // Latin-1 maps every byte to one character, so any content can be read.
        await using var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file, Encoding.Latin1);
        var (garbage, lines, number) = (new List<string>(), new List<string>(), 0);
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            number++;
            // A record ends with an empty line after its signatures.
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

    /// <summary>The length of the file in bytes; 0: there is none.</summary>
    public long Length => File.Exists(Path) ? new FileInfo(Path).Length : 0;

    /// <returns>Null: there is none. Read it before the file, so that the file is at least as far.</returns>
    /// <exception cref="Log.LogDamagedException">The mark was not written by this installation.</exception>
    public async Task<LogMark?> ReadMarkAsync(CancellationToken cancellation)
    {
        if (!File.Exists(MarkPath)) return null;
        return marks.OfText(MarkName, await File.ReadAllTextAsync(MarkPath, cancellation))
            ?? throw new Log.LogDamagedException(
                $"The mark {MarkPath}, which says how far the checkpoints were written, is not one that this installation wrote.");
    }

    /// <summary>Writes the mark atomically; it is on disk when the method returns.</summary>
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

    /// <summary>Renames the file, so that it is kept as evidence; the next checkpoint begins a new one.</summary>
    /// <returns>Where it is now; null: there was none.</returns>
    public string? PutAside()
    {
        if (File.Exists(MarkPath)) File.Delete(MarkPath);
        if (!File.Exists(Path)) return null;
        var aside = $"{Path}.until-{time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff", System.Globalization.CultureInfo.InvariantCulture)}";
        File.Move(Path, aside);
        return aside;
    }

    /// <summary>Before the checkpoint there may be what a process wrote until it died: the beginning of the same checkpoint, and nothing
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

    /// <summary>Whether a text is the beginning of a note, even if it is cut off in the middle of a character.</summary>
    public static bool IsBeginning(string text, SignedNote note) => note.ToString().StartsWith(text.TrimEnd('\uFFFD'), StringComparison.Ordinal);

    private static string Utf8(IEnumerable<string> lines) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(string.Join('\n', lines)));

    /// <summary>Appends notes; they are on disk when the method returns.</summary>
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
