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
    public string Path { get; } = configuration["Notify:Audit:CheckpointFile"] is { Length: > 0 } given ? given : System.IO.Path.Combine(configuration["Notify:DataDirectory"]!, "checkpoints");

    public async Task<List<(SignedNote Note, Checkpoint Checkpoint)>> ReadAsync(CancellationToken cancellation)
    {
        var result = new List<(SignedNote, Checkpoint)>();
        if (!File.Exists(Path)) return result;
        var lines = new List<string>();
        var empty = 0;
        await foreach (var line in File.ReadLinesAsync(Path, Encoding.UTF8, cancellation))
        {
            lines.Add(line);
            // The first empty line of a record parts text and signatures, the second ends it. What was cut off at the end is not counted.
            if (line.Length > 0 || ++empty < 2) continue;
            if (SignedNote.Parse(string.Join('\n', lines[..^1]) + "\n") is { } note && Checkpoint.Parse(note.Text) is { } checkpoint) result.Add((note, checkpoint));
            else throw new Log.LogDamagedException($"The file {Path} holds something that is no checkpoint: {lines[0]}");
            lines.Clear();
            empty = 0;
        }

        return result;
    }

    /// <summary>On disk when it returns.</summary>
    public async Task AppendAsync(IEnumerable<SignedNote> notes, CancellationToken cancellation)
    {
        await using var file = new FileStream(Path, FileMode.Append, FileAccess.Write, FileShare.Read);
        foreach (var note in notes) await file.WriteAsync(Encoding.UTF8.GetBytes($"{note}\n"), cancellation);
        file.Flush(flushToDisk: true);
    }
}
