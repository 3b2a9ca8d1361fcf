using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Alarms.Silences;

/// <summary>A silence, ready to be compared with alarms. Immutable.</summary>
public sealed class CompiledSilence
{
    private readonly Matcher[] matchers;
    private readonly PathLimit limit;

    public CompiledSilence(Silence silence)
    {
        Silence = silence;
        matchers = [.. silence.Matchers.Select(Matcher.Of)];
        limit = PathLimit.To(silence.Paths ?? []);
    }

    public Silence Silence { get; }

    /// <returns>Null: somebody has changed its row, and it means nothing.</returns>
    public static CompiledSilence? TryOf(Silence silence)
    {
        try
        {
            return new(silence);
        }
        catch (Exception e) when (e is ProblemException or ArgumentException or FormatException)
        {
            return null;
        }
    }

    public bool Matches(AlarmFacts alarm) => Matches(alarm, AlertLabels.Of(alarm));

    /// <param name="labels">The alarm's, as an alert shows them.</param>
    public bool Matches(AlarmFacts alarm, IReadOnlyDictionary<string, string> labels) =>
        limit.Allows(alarm.Path) && Array.TrueForAll(matchers, x => x.Matches(labels));
}

/// <summary>The silences that have not ended, as they were at one moment.</summary>
/// <param name="Number"><see cref="SilenceTable.Number"/>.</param>
public sealed record SilencesInForce(long Number, IReadOnlyList<CompiledSilence> All)
{
    public static readonly SilencesInForce None = new(0, []);

    /// <summary>The silence under which an alarm is: the one that it is under already, as long as that holds, else the one that ends last.</summary>
    public Silence? Of(AlarmFacts alarm, DateTimeOffset now, string? already = null)
    {
        if (All.Count == 0) return null;
        var labels = AlertLabels.Of(alarm);
        return All.Where(x => x.Silence.StateAt(now) == SilenceState.Active && x.Matches(alarm, labels))
            .MaxBy(x => (x.Silence.Id == already, x.Silence.EndsAt))?.Silence;
    }
}

/// <summary>
/// Holds a copy of the silences in memory, which is current when it has the number that the table has. It is made anew each minute, since a rebuild
/// of rows that somebody has changed gives them the number that they had.
/// </summary>
public sealed class CurrentSilences(NpgsqlDataSource database, EventReader events, TimeProvider time)
{
    private static readonly TimeSpan oldest = TimeSpan.FromMinutes(1);

    private Copy held = new(SilencesInForce.None, DateTimeOffset.MinValue);

    private sealed record Copy(SilencesInForce Silences, DateTimeOffset ReadAt);

    public async ValueTask<SilencesInForce> GetAsync(long number, CancellationToken cancellation)
    {
        var (current, now) = (held, time.GetUtcNow());
        if (current.Silences.Number == number && now - current.ReadAt < oldest) return current.Silences;
        var (read, silences) = await SilenceTable.ReadAsync(database, events, now, cancellation);
        var inForce = new SilencesInForce(read, [.. silences.Select(CompiledSilence.TryOf).OfType<CompiledSilence>()]);
        held = new(inForce, now);
        return inForce;
    }
}
