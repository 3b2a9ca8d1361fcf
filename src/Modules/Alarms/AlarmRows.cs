using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Alarms;

/// <summary>Rebuilds the table of alarms from their events.</summary>
public sealed class AlarmRows(NpgsqlDataSource database, EventCatalog catalog, TimeProvider time)
    : StreamRows<AlarmRows.State>(database, catalog, time)
{
    /// <param name="Promised">When the source last said how long its report is valid.</param>
    public sealed record State(Alarm Alarm, DateTimeOffset? Promised);

    public override string Name => "alarms";

    protected override string Kind => "alarm";
    protected override string Table => "alarm";
    protected override IReadOnlyList<string> Columns => ["changed", "state", "level", "path", "due_at", "body", "words"];

    protected override string Stored(string column, string value) => column == "words" ? $"lower({value})" : value;

    protected override State Apply(State? state, AttributedEvent e)
    {
        var (before, stored) = (state?.Alarm, e.Event);
        var alarm = Alarm.Apply(before, stored.StreamId, stored.Data);
        // Its first events were archived, and the stream continued after them.
        if (before is null && stored.Version > 1) alarm = alarm with { Version = stored.Version, Reported = stored.Version, Began = stored.Version };
        return new(alarm, alarm.ExpiresAt != before?.ExpiresAt ? stored.At : state?.Promised);
    }

    protected override JsonObject? RowOf(Folded stream, JsonObject? row, DateTimeOffset now)
    {
        var (alarm, promised) = stream.State;
        var kept = Kept(row, alarm);
        // During a minute without recording of repeats, the row has more than the events; at its end the repeats are recorded.
        if (kept?.PassedOver is { } passed && passed.Until > now && passed.Until <= now + TimeSpan.FromMinutes(1)) return row;
        var wanted = WithExpiry(alarm, kept, promised, now);
        return new JsonObject
        {
            ["changed"] = stream.Last.Sequence,
            ["state"] = wanted.Facts.State.ToString(),
            ["level"] = wanted.Facts.Level.ToString(),
            ["path"] = wanted.Facts.Path,
            ["due_at"] = JsonSerializer.SerializeToNode(wanted.DueAt is { } due ? Instants.Cut(due) : (DateTimeOffset?)null, NotifyJson.Options),
            ["body"] = JsonSerializer.SerializeToNode(wanted, NotifyJson.Options),
            ["words"] = AlarmTable.WordsOf(wanted),
        };
    }

    /// <summary>How long repeats have extended a report is not recorded. The row's own value is kept if it is plausible: not before that of the
    /// events, and at most one period ahead. Otherwise the report is valid for one more period, in which its source repeats it or proves
    /// silent.</summary>
    private static Alarm WithExpiry(Alarm alarm, Alarm? kept, DateTimeOffset? promised, DateTimeOffset now)
    {
        if (!alarm.IsActive || alarm.ExpiresAt is not { } said || promised is not { } since) return alarm;
        var period = said > since ? said - since : TimeSpan.FromMinutes(1);
        if (kept is { ExpiresAt: { } until } && until > said && until <= now + period) return new Extension(until, kept.Occurrence.AnnouncedEnd)
            .Of(alarm)!;
        if (said > now || kept?.ExpiresAt == said) return alarm;
        return alarm with { ExpiresAt = Instants.Cut(now + period) };
    }

    /// <summary>The alarm in the row if it has the same version; null otherwise, or when the row cannot be read.</summary>
    private static Alarm? Kept(JsonObject? row, Alarm alarm) => EventRecord.ReadOrDefault(
        () => row?["body"].Deserialize<Alarm>(NotifyJson.Options) is { } kept && kept.Version == alarm.Version ? kept : null);
}
