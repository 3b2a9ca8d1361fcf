using System.Text;
using Microsoft.Extensions.Configuration;
using Notify.Audit.Proofs.Format;

namespace Notify.Audit.Proofs.Checkpoints;

/// <summary>
/// Every checkpoint once more outside the database, one after the other with an empty line behind each. A database that was rewritten together with its
/// own checkpoints, or restored from an old copy, does not agree with it. Best kept on storage that can only be added to.
/// </summary>
public sealed class CheckpointFile(IConfiguration configuration)
{
    /// <summary>Lines of a checkpoint, the empty one included, before its signatures end it.</summary>
    private const int MostTorn = 7;

    public string Path { get; } = configuration["Notify:Audit:CheckpointFile"] is { Length: > 0 } given ? given : System.IO.Path.Combine(configuration["Notify:DataDirectory"]!, "checkpoints");

    public async Task<List<(SignedNote Note, Checkpoint Checkpoint)>> ReadAsync(CancellationToken cancellation)
    {
        var result = new List<(SignedNote, Checkpoint)>();
        if (!File.Exists(Path)) return result;
        var lines = new List<string>();
        await foreach (var line in File.ReadLinesAsync(Path, Encoding.UTF8, cancellation))
        {
            // A record ends with an empty line behind its signatures.
            if (line.Length > 0 || lines.Count == 0 || !lines[^1].StartsWith("— ", StringComparison.Ordinal))
            {
                lines.Add(line);
                continue;
            }

            result.Add(Parse(lines));
            lines.Clear();
        }

        return result;
    }

    /// <summary>In front may be what a process wrote that died while it did; it was written again after that.</summary>
    private (SignedNote Note, Checkpoint Checkpoint) Parse(List<string> lines)
    {
        for (var torn = 0; torn <= MostTorn && torn < lines.Count; torn++)
            if (SignedNote.Parse(string.Join('\n', lines[torn..]) + "\n") is { } note && Checkpoint.Parse(note.Text) is { } checkpoint) return (note, checkpoint);
        throw new Log.LogDamagedException($"The file {Path} holds something that is no checkpoint: {lines[0]}");
    }

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
