using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Audit.Proofs.Checkpoints;

/// <summary>Part of what was signed is missing or was changed. Nothing is signed until an administrator accepts the present state, on
/// record.</summary>
public class RefusedToSignException(string message) : LogDamagedException(message);

/// <summary>The only fault is that this node has no file of its own. It may have joined a moment ago, and another node may vouch for the
/// database.</summary>
public sealed class NoFileException(string message) : RefusedToSignException(message);

/// <summary>
/// Checks, before anything is signed, that everything ever signed still exists: by the mark in the database, the checkpoints in the database, and
/// this node's file with its own mark. To have a forged history signed, all of them would have to be restored to the same earlier moment.
/// </summary>
public sealed class CheckpointGuard(Marks marks, CheckpointFile file, TimeProvider time)
{
    /// <summary>How many of the first checkpoints the file may lack, because a process ended after their commit and before writing them to the
    /// file.</summary>
    private const int MostUnwritten = 3;

    /// <summary>How much the nodes' clocks may differ.</summary>
    private static readonly TimeSpan disorder = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan longestUnsigned = TimeSpan.FromDays(1);

    private readonly DateTimeOffset started = time.GetUtcNow();

    /// <summary>How far the file goes, and its length when it was last read.</summary>
    private (LogMark Mark, long Length)? known;

    /// <summary>The file's own mark.</summary>
    private LogMark? marked;

    /// <summary>Call under the signer's lock.</summary>
    /// <returns>The mark, which matches the last checkpoint.</returns>
    /// <exception cref="RefusedToSignException">Something is missing.</exception>
    public async Task<LogMark> CheckAsync(NpgsqlConnection connection, IReadOnlyCollection<NoteKey> trusted, CancellationToken cancellation)
    {
        var mark = await marks.LogAsync(connection, cancellation)
            ?? throw new RefusedToSignException(
                "The database has no mark of this installation that says how far its history was signed: the mark was taken away or changed, or the store is not from here.");
        var last = await CheckpointTable.LatestAsync(connection, cancellation);
        if (mark.Size == 0)
        {
            if (last is not null) throw new RefusedToSignException(
                $"The database has checkpoints, up to size {last.Value.Size}, though its mark says that none was signed: it was put back as it was at its first start.");
            if (await StoredEvents.FirstInstantAsync(connection, cancellation) is { } first && first + disorder < mark.At)
                throw new RefusedToSignException($"The database was new at {mark.At:u}, but has events from {first:u}: they were written into it.");
            // A store has its first checkpoint a minute after its first start; but that start may have failed, and the next one may come days later.
            if (mark.At > DateTimeOffset.MinValue && await StoredEvents.LastInstantAsync(
                connection, time.GetUtcNow() - longestUnsigned, cancellation) - mark.At > longestUnsigned)
                throw new RefusedToSignException(
                    $"The database was new at {mark.At:u}, and says that nothing was signed since: its mark was put back as it was at its first start.");
        }
        else
        {
            if (last is null || last.Value.Size != mark.Size)
                throw new RefusedToSignException(
                    $"The last checkpoint that was signed, of size {mark.Size}, at {mark.At:u}, is not in the database: {(last is null ? "it has none" : $"its last has the size {last.Value.Size}")}.");
            if (last is not { Note: { } note, Checkpoint: { } checkpoint } || checkpoint.Size != mark.Size || !note.IsSignedBy(trusted))
                throw new RefusedToSignException($"The latest checkpoint (size {mark.Size}) is not one that this installation has signed.");
            if (await CheckpointTable.CountAsync(connection, cancellation) is var count && count != mark.Count)
                throw new RefusedToSignException($"The database has {count} checkpoints, but {mark.Count} were signed.");
        }

        await CheckFileAsync(connection, mark, cancellation);
        return mark;
    }

    /// <summary>Appends to the file the checkpoints that only the database has. Call under the signer's lock, after a check.</summary>
    public async Task WriteAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (known is not { } before) return;
        var (mark, notes) = (before.Mark, new List<SignedNote>());
        await CheckpointTable.ScanAsync(connection, mark.Size, (note, checkpoint) =>
        {
            notes.Add(note);
            mark = mark.After(note, checkpoint);
        }, cancellation);
        if (notes.Count > 0) await file.AppendAsync(notes, cancellation);
        if (marked == mark) return;
        await file.WriteMarkAsync(mark, cancellation);
        (known, marked) = ((mark, file.Length), mark);
    }

    /// <summary>Begins a new file after the old one was put aside.</summary>
    public void Renew() => (known, marked) = ((LogMark.New(default), file.Length), null);

    /// <summary>The file must begin as its own mark says, and together with later checkpoints of the database it must reach the database's
    /// mark.</summary>
    private async Task CheckFileAsync(NpgsqlConnection connection, LogMark mark, CancellationToken cancellation)
    {
        if (known is { } before && before.Length == file.Length && before.Mark.Size <= mark.Size) return;
        var own = await OwnMarkAsync(cancellation);
        var length = file.Length;
        // A mark of size 0 is right before the first checkpoints; later it must not be accepted.
        var (inFile, atMark) = (LogMark.New(default), own?.Size == 0 && mark.Count <= MostUnwritten);
        var (tail, garbage) = await file.ScanAsync((note, checkpoint) =>
        {
            // Processes that wrote side by side may have written a checkpoint twice. A verification compares each with the database.
            if (checkpoint.Size <= inFile.Size) return;
            inFile = inFile.After(note, checkpoint);
            atMark |= own is not null && inFile.Size == own.Size && inFile.Chain == own.Chain;
        }, cancellation);
        if (garbage.Count > 0) throw new RefusedToSignException($"The file {file.Path} was changed: there is {garbage[0]}.");
        if (known is { } written && inFile.Size < written.Mark.Size)
            throw new RefusedToSignException(
                $"The file {file.Path} ends with the size {inFile.Size}, but was written up to {written.Mark.Size} by this process: checkpoints were taken out of it.");
        // The mark is from the first start, and this node has not written to the file since, because other nodes signed. It proves no more than no
        // mark.
        if (own is { Size: 0 } && !atMark) own = null;
        if (own is not null && !atMark)
            throw new RefusedToSignException(
                $"The file {file.Path} was written up to the checkpoint of size {own.Size}, but {(inFile.Size < own.Size ? $"ends with the size {inFile.Size}" : "has another there")}: it was cut, replaced or changed.");
        if (inFile.Size > mark.Size)
        {
            throw new RefusedToSignException(
                $"The database is older than the file {file.Path}, or was rewritten: it has {mark.Size} signed entries, the file {inFile.Size}, signed at {inFile.At:u}.");
        }

        // Checkpoints that were committed but not yet written when a process ended, or that other nodes have signed meanwhile.
        var (all, next) = (inFile, (SignedNote?)null);
        await CheckpointTable.ScanAsync(connection, inFile.Size, (note, checkpoint) =>
        {
            next ??= note;
            all = all.After(note, checkpoint);
        }, cancellation);
        if (tail.Length > 0 && (next is null || !CheckpointFile.IsBeginning(tail, next))) throw new RefusedToSignException(
            $"The file {file.Path} was changed: it ends with something that is no checkpoint.");
        if ((all.Size, all.Chain) != (mark.Size, mark.Chain))
            throw new RefusedToSignException($"The checkpoints in the file {file.Path} and in the database are not those that were signed.");
        if (own is null && mark.Size > 0 && mark.At <= started)
        {
            throw new NoFileException(
                $"{(inFile.Size == 0 ? $"There is no file {file.Path} of checkpoints" : $"There is no mark {file.MarkPath} of how far the file of checkpoints was written")}, though the history was signed up to {mark.Size} entries at {mark.At:u}: "
                + "it was taken away, or this node has lost its data directory. Of a database that was put back as it was earlier nothing would be seen.");
        }

        (known, marked) = ((inFile, length), own);
    }

    private async Task<LogMark?> OwnMarkAsync(CancellationToken cancellation)
    {
        try
        {
            return await file.ReadMarkAsync(cancellation);
        }
        catch (LogDamagedException e)
        {
            throw new RefusedToSignException(e.Message);
        }
    }
}
