using System.Collections.Concurrent;
using Notify.Delivery.Lanes;
using Notify.Kernel;

namespace Notify.Delivery.Flights;

/// <summary>Notifications that are not merged with all others: a message that listed them together could not be recorded, so they are merged in
/// halves until the faulty one is alone and fails.</summary>
internal sealed class MergeParts(TimeProvider time)
{
    /// <summary>How long entries are kept, since cancelled or moved notifications are not reported here. If an entry is dropped too early, its group
    /// is merged as a whole and split again.</summary>
    private static readonly TimeSpan remembered = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, (int Part, long Since)> parts = new(StringComparer.Ordinal);
    private int last;

    public int Count => parts.Count;

    public void Part(IReadOnlyList<Work> works)
    {
        foreach (var (id, known) in parts)
            if (time.GetElapsedTime(known.Since) > remembered) parts.TryRemove(id, out _);
        var (first, second) = Halving.Of(works);
        foreach (var half in (List<Work>[])[first, second])
        {
            var part = Interlocked.Increment(ref last);
            foreach (var work in half) parts[work.Id] = (part, time.GetTimestamp());
        }
    }

    /// <summary>Removes notifications that were started.</summary>
    public void Forget(IEnumerable<Work> started)
    {
        if (parts.IsEmpty) return;
        foreach (var work in started) parts.TryRemove(work.Id, out _);
    }

    /// <summary>Only notifications with the same number are merged.</summary>
    public int Of(Work work) => parts.TryGetValue(work.Id, out var known) ? known.Part : 0;
}
