using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Events;

namespace Notify.Audit.Proofs.Verification;

/// <summary>Reads the log leaf by leaf, and compares the root with each checkpoint at its size. It continues to the end, whatever it finds.</summary>
/// <param name="checkpoints">In order of size.</param>
public sealed class LogWalk(IReadOnlyList<Checkpoint> checkpoints, Findings findings)
{
    private readonly Dictionary<int, List<byte[]>> nodes = [];
    private CompactRange stored = new();

    /// <summary>The tree computed from the events; null while it equals that of the log.</summary>
    private CompactRange? computed;
    private int next;
    private long firstSequenceUnchecked;

    /// <summary>How many findings are final: a signed root has shown whether the event or the log was changed.</summary>
    private long settled;

    public long Size => stored.Size;

    public long LastSequence { get; private set; }

    public Checkpoint? LastGood { get; private set; }

    /// <summary>False: neither the log nor the events match what was signed, or leaves are missing. From there on roots prove nothing; events are
    /// still compared with their leaves.</summary>
    public bool HasRoots { get; private set; } = true;

    public long NodeCount => nodes.Values.Sum(x => (long)x.Count);

    public byte[]? NodeAt(int height, long index) =>
        nodes.TryGetValue(height, out var list) && index >= 0 && index < list.Count ? list[(int)index] : null;

    public void Add(VerifiedChunk chunk)
    {
        stored.OnCompleted ??= Completed;
        if (firstSequenceUnchecked == 0) firstSequenceUnchecked = chunk.FirstSequence;
        HasRoots &= chunk.IsWhole;
        var bad = 0;
        for (var i = 0; i < chunk.Count; i++)
        {
            for (; bad < chunk.Bad.Count && chunk.Bad[bad].At <= i; bad++) findings.Add(chunk.Bad[bad].Finding);
            var leaf = chunk.Hashes.AsSpan(i * Sha256.Size, Sha256.Size);
            var ofEvent = chunk.Computed.AsSpan(i * Sha256.Size, Sha256.Size);
            if (computed is null && !ReferenceEquals(chunk.Computed, chunk.Hashes) && !leaf.SequenceEqual(ofEvent)) computed = stored.Copy();
            stored.Append(leaf);
            computed?.Append(ofEvent);
            while (next < checkpoints.Count && checkpoints[next].Size <= stored.Size) Compare(checkpoints[next++], chunk);
        }

        for (; bad < chunk.Bad.Count; bad++) findings.Add(chunk.Bad[bad].Finding);
        LastSequence = chunk.LastSequence;
    }

    public void End()
    {
        if (checkpoints.Count > 0 && checkpoints[^1] is var last && last.Size > Size)
            findings.Add(new Finding("deleted",
                $"The log has {Size} entries, but {last.Size} were signed at {last.At:u}: the end of the history was removed, or the database was restored from an older copy."));
    }

    private void Compare(Checkpoint checkpoint, VerifiedChunk chunk)
    {
        if (!HasRoots || checkpoint.Size != stored.Size) return;
        if (stored.Root().AsSpan().SequenceEqual(checkpoint.Root))
        {
            (computed, settled) = (null, findings.Count);
            if (findings.Any) return;
            (LastGood, firstSequenceUnchecked) = (checkpoint, 0);
        }
        else if (computed?.Root().AsSpan().SequenceEqual(checkpoint.Root) == true)
        {
            findings.Reword(settled, x => x.Explanation == ChunkVerifier.ChangedText(x.Sequence)
                ? x with
                {
                    Kind = "log",
                    Explanation = $"The log's own table was changed: the leaf of the event {x.Sequence} is not the one that was signed; the event itself is good."
                }
                : x);
            (stored, computed, settled) = (computed, null, findings.Count);
            stored.OnCompleted = Completed;
        }
        else
        {
            if (findings.Count > settled) findings.Reword(settled, x =>
                x with { Explanation = x.Explanation + " The log's own table was changed too: it is not what was signed." });
            else findings.Add(Rewritten(checkpoint, chunk));
            HasRoots = false;
        }
    }

    private Finding Rewritten(Checkpoint checkpoint, VerifiedChunk chunk)
    {
        var after = LastGood is null ? "from the beginning on" : $"after entry {LastGood.Size}, signed at {LastGood.At:u}";
        return new Finding(
            "rewritten", $"The history was rewritten {after}, events and log together: entry {checkpoint.Size} and those before it are not what was signed at {checkpoint.At:u}.",
            firstSequenceUnchecked == 0 ? chunk.FirstSequence : firstSequenceUnchecked);
    }

    private void Completed(int height, long index, ReadOnlySpan<byte> hash)
    {
        if (height % LogReader.Stride != 0) return;
        if (!nodes.TryGetValue(height, out var list)) nodes[height] = list = [];
        list.Add(hash.ToArray());
    }
}
