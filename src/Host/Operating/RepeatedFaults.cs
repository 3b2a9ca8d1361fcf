using Notify.Kernel;

namespace Notify.Host.Operating;

/// <summary>
/// Remembers logged faults, so that one that recurs in a loop, with retries or with requests, is logged once with its stack, and then as one line a
/// minute with the count. It remembers the latest <see cref="Most"/> lines and stacks; a fault that has not occurred for a day is logged with its
/// stack again.
/// </summary>
internal sealed class RepeatedFaults
{
    public const int Most = 500;

    private const int LongestText = 500;

    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan memory = TimeSpan.FromDays(1);

    private readonly Lock gate = new();
    private readonly Dictionary<Line, Told> lines = [];
    private readonly List<(Line Line, string Text, long Times)> evicted = [];
    private readonly Dictionary<string, DateTimeOffset> stacks = new(StringComparer.Ordinal);
    private DateTimeOffset looked;

    /// <param name="Kind">The template of its text, so that entries that differ only in their values are one line.</param>
    /// <param name="Cause">Type, message and place of the fault; empty where only the kind counts.</param>
    public sealed record Line(LogLevel Level, string Category, string Kind, string Cause);

    private sealed class Told
    {
        public DateTimeOffset At { get; set; }
        public DateTimeOffset Seen { get; set; }
        public long LeftOut { get; set; }
        public string Text { get; set; } = "";
    }

    /// <summary>Whether to log the stack: only the first time for each place, whoever logs it and whatever its message is.</summary>
    public bool IsNewStack(Exception fault, DateTimeOffset now)
    {
        var place = PlaceOf(fault);
        lock (gate)
        {
            var known = stacks.ContainsKey(place);
            if (!known && stacks.Count >= Most) stacks.Remove(stacks.MinBy(x => x.Value).Key);
            stacks[place] = now;
            return !known;
        }
    }

    /// <param name="leftOut">How often it has occurred since it was last logged.</param>
    public bool MayTell(Line line, DateTimeOffset now, string text, out long leftOut)
    {
        lock (gate)
        {
            leftOut = 0;
            if (!lines.TryGetValue(line, out var told))
            {
                if (lines.Count >= Most) Evict();
                lines[line] = new Told { At = now, Seen = now, Text = Errors.Cut(text, LongestText) };
                return true;
            }

            told.Seen = now;
            if (!Instants.HasPassed(Interval, told.At, now))
            {
                told.LeftOut++;
                return false;
            }

            (leftOut, told.At, told.LeftOut) = (told.LeftOut, now, 0);
            return true;
        }
    }

    /// <summary>Faults that recurred and then had to make room for others: their number is logged now or never.</summary>
    public IReadOnlyList<(Line Line, string Text, long Times)> TakeEvicted()
    {
        lock (gate)
        {
            if (evicted.Count == 0) return [];
            (Line, string, long)[] taken = [.. evicted];
            evicted.Clear();
            return taken;
        }
    }

    /// <summary>Faults that recurred and then stopped: otherwise their number would never be logged. Checked once in
    /// <see cref="Interval"/>.</summary>
    public IReadOnlyList<(Line Line, string Text, long Times)> TakeOverdue(DateTimeOffset now)
    {
        lock (gate)
        {
            if (!Instants.HasPassed(Interval, looked, now)) return [];
            looked = now;
            foreach (var (line, told) in lines) if (now - told.Seen >= memory && told.LeftOut == 0) lines.Remove(line);
            foreach (var (place, seen) in stacks) if (now - seen >= memory) stacks.Remove(place);
            List<(Line, string, long)> overdue = [];
            foreach (var (line, told) in lines)
            {
                if (told.LeftOut == 0 || !Instants.HasPassed(Interval, told.At, now)) continue;
                overdue.Add((line, told.Text, told.LeftOut));
                (told.At, told.LeftOut) = (now, 0);
            }

            return overdue;
        }
    }

    private void Evict()
    {
        var (line, told) = lines.MinBy(x => x.Value.Seen);
        lines.Remove(line);
        if (told.LeftOut > 0) evicted.Add((line, told.Text, told.LeftOut));
    }

    /// <summary>Type, message and place.</summary>
    public static string CauseOf(Exception fault) => $"{Errors.Cut(fault.GetBaseException().Message, LongestText)} {PlaceOf(fault)}";

    private static string PlaceOf(Exception fault)
    {
        var place = new HashCode();
        for (var e = fault; e is not null; e = e.InnerException)
        {
            place.Add(e.GetType());
            place.Add(e.StackTrace ?? e.Message, StringComparer.Ordinal);
        }

        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{fault.GetType().FullName} {place.ToHashCode():x8}");
    }
}
