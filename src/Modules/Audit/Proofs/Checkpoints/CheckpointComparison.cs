using Notify.Audit.Proofs.Format;
using Notify.Kernel.Events;

namespace Notify.Audit.Proofs.Checkpoints;

/// <summary>
/// Compares the checkpoints in the database with those in the file. They must be equal and signed with keys of this installation. Only the newest may
/// be missing in the file, because they are committed to the database first.
/// </summary>
/// <param name="path">The path of the file, for messages.</param>
public sealed class CheckpointComparison(string path, IReadOnlyCollection<NoteKey> trusted)
{
    private readonly SortedDictionary<long, Checkpoint> signed = [];

    /// <summary>The mark computed from the database's checkpoints.</summary>
    private LogMark inDatabase = LogMark.New(default);

    /// <summary>The validly signed checkpoints of both, by size; the log must agree with them.</summary>
    public IReadOnlyList<Checkpoint> Signed => [.. signed.Values];

    /// <param name="table">The checkpoints in the database by size; read after the file (<see cref="CheckpointFile.ReadAsync"/>).</param>
    public IEnumerable<Finding> Compare(IReadOnlyList<(long Size, SignedNote? Note, Checkpoint? Checkpoint)> table, CheckpointsInFile file)
    {
        var inTable = new SortedDictionary<long, SignedNote>();
        foreach (var (size, note, checkpoint) in table)
        {
            if (note is not null && checkpoint is not null) inDatabase = inDatabase.After(note, checkpoint);
            if (checkpoint is not null && checkpoint.Size == size && note!.IsSignedBy(trusted)) (signed[size], inTable[size]) = (checkpoint, note);
            else yield return Of(
                $"The checkpoint of size {size} in the database is not one that this installation has signed: it was changed, or written by somebody else.");
        }

        foreach (var garbage in file.Garbage) yield return Of($"The file {path} was changed: there is {garbage}.");
        var inFile = new HashSet<long>();
        foreach (var (note, checkpoint) in file.Checkpoints)
        {
            inFile.Add(checkpoint.Size);
            var isSigned = note.IsSignedBy(trusted);
            if (!isSigned)
                yield return Of($"The checkpoint of size {checkpoint.Size} in the file {path} is signed with a key that this installation does not have: the file, or the table of keys, is of another.");
            else if (!inTable.TryGetValue(checkpoint.Size, out var same))
                yield return Of($"The checkpoint of size {checkpoint.Size}, signed at {checkpoint.At:u}, is in the file {path} but not in the database: the database is older than the file, or was rewritten.");
            else if (!string.Equals(same.Text, note.Text, StringComparison.Ordinal))
                yield return Of($"The checkpoints of size {checkpoint.Size} in the database and in the file {path} differ.");
            if (isSigned) signed[checkpoint.Size] = checkpoint;
        }

        var last = inFile.Count == 0 ? 0 : inFile.Max();
        foreach (var size in inTable.Keys.Where(x => x < last && !inFile.Contains(x)))
            yield return Of($"The checkpoint of size {size} is in the database but not in the file {path}, which has later ones: it was taken out of the file.");
        // The tail may only be the beginning of the next checkpoint, half written.
        if (file.Tail.Length > 0 && !inTable.Any(x => x.Key > last && CheckpointFile.IsBeginning(file.Tail, x.Value)))
            yield return Of($"The file {path} was changed: it ends with something that is no checkpoint.");
    }

    /// <summary>Call after <see cref="Compare"/>.</summary>
    /// <param name="mark">Read at the same moment as the database's checkpoints.</param>
    public IEnumerable<Finding> CompareMark(LogMark? mark)
    {
        if (mark is null) yield return Of(
            "The database has no mark of this installation that says how far its history was signed: it was taken away or changed.");
        else if ((mark.Size, mark.Count, mark.Chain) != (inDatabase.Size, inDatabase.Count, inDatabase.Chain))
            yield return Of($"The database has {inDatabase.Count} checkpoints, up to size {inDatabase.Size}, that are not the {mark.Count} up to size {mark.Size} that were signed.");
    }

    /// <summary>Whether these checkpoints, up to the size of the mark, are those of the mark.</summary>
    public static bool IsAt(LogMark mark, IEnumerable<(SignedNote Note, Checkpoint Checkpoint)> file)
    {
        var at = LogMark.New(default);
        foreach (var (note, checkpoint) in file)
        {
            if (at.Size >= mark.Size) break;
            if (checkpoint.Size > at.Size) at = at.After(note, checkpoint);
        }

        return (at.Size, at.Chain) == (mark.Size, mark.Chain);
    }

    private static Finding Of(string explanation) => new("checkpoint", explanation);
}
