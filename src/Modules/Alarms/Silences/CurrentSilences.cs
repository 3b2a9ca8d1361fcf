using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Alarms.Silences;

/// <summary>A silence, compiled for comparison with alarms. Immutable.</summary>
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

    /// <returns>Null: its row is invalid, since somebody has changed it; it silences nothing.</returns>
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

    /// <param name="labels">The labels of the alarm's alert (<see cref="AlertLabels.Of"/>).</param>
    public bool Matches(AlarmFacts alarm, IReadOnlyDictionary<string, string> labels) =>
        limit.Allows(alarm.Path) && Array.TrueForAll(matchers, x => x.Matches(labels));
}

/// <summary>The silences that had not ended at one moment.</summary>
/// <param name="Number"><see cref="SilenceTable.Number"/>.</param>
public sealed record SilencesInForce(long Number, IReadOnlyList<CompiledSilence> All)
{
    public static readonly SilencesInForce None = new(0, []);

    /// <summary>The silence that applies to an alarm: the one given, while it matches; otherwise the one that ends last; null: none.</summary>
    public Silence? Of(AlarmFacts alarm, DateTimeOffset now, string? already = null)
    {
        if (All.Count == 0) return null;
        var labels = AlertLabels.Of(alarm);
        return All.Where(x => x.Silence.StateAt(now) == SilenceState.Active && x.Matches(alarm, labels))
            .MaxBy(x => (x.Silence.Id == already, x.Silence.EndsAt))?.Silence;
    }
}

/// <summary>Caches the silences. The copy is current if it has the same number as the table. It is also renewed each minute, since a rebuild of rows
/// that somebody has changed restores their old number.</summary>
public sealed class CurrentSilences(NpgsqlDataSource database, EventReader events, TimeProvider time)
{
    private static readonly TimeSpan oldest = TimeSpan.FromMinutes(1);

    private Copy held = new(SilencesInForce.None, DateTimeOffset.MinValue);

    private sealed record Copy(SilencesInForce Silences, DateTimeOffset ReadAt);

    public async ValueTask<SilencesInForce> GetAsync(long number, CancellationToken cancellation)
    {
        var (current, now) = (held, time.GetUtcNow());
        if (current.Silences.Number == number && !Instants.HasPassed(oldest, current.ReadAt, now)) return current.Silences;
        var (read, silences) = await SilenceTable.ReadAsync(database, events, now, cancellation);
        var inForce = new SilencesInForce(read, [.. silences.Select(CompiledSilence.TryOf).OfType<CompiledSilence>()]);
        held = new(inForce, now);
        return inForce;
    }
}
