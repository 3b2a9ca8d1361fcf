using System.Globalization;
using System.Text.Json.Serialization;
using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Alarms.Alarms;

/// <summary>A source said what state an alarm is in. The first one raises it.</summary>
/// <param name="ExpiresAt">When the source's word stops counting: if it has not been repeated by then, the alarm is taken as cleared.</param>
public sealed record AlarmReported(
    string Name, string Path, string Type, AlarmLevel Level, AlarmState State, string Value, DateTimeOffset EventTime, string Description,
    AcknowledgeMode AckMode, string AckUser, string? Rule, IReadOnlyDictionary<string, string> Labels, string? SourceId, DateTimeOffset? ExpiresAt = null);

/// <summary>Nobody repeated the source's word in time, and the alarm is taken as cleared.</summary>
public sealed record AlarmExpired(DateTimeOffset ExpiredAt);

/// <summary>A source said again what is on record. It changes nothing, is decided about by nobody and notifies nobody.</summary>
/// <param name="Repeats">The version of the alarm at which the report is on record.</param>
/// <param name="State">As the repeat said it; so is the event time.</param>
/// <param name="Times">How often it was said.</param>
/// <param name="QuietUntil">Given when there were so many that further repeats of this alarm's reports, until then, are not put on record.</param>
public sealed record ReportRepeated(long Repeats, AlarmState State, DateTimeOffset EventTime, int Times, DateTimeOffset? QuietUntil = null);

/// <summary>As <see cref="ReportRepeated"/>, of a report whose alarm was put away, since the time to keep it was up. Stream <c>repeat-…</c>.</summary>
public sealed record PutAwayReportRepeated(string AlarmId, string Name, AlarmState State, DateTimeOffset EventTime, int Times, DateTimeOffset? QuietUntil = null);

public sealed record AlarmAcknowledged(string Note, string By);

/// <summary>An operator put the alarm aside until a moment.</summary>
public sealed record AlarmShelved(DateTimeOffset Until, string Reason);

/// <summary>The alarm counts again: <paramref name="TimeIsUp"/> says whether by itself.</summary>
public sealed record AlarmUnshelved(bool TimeIsUp);

/// <summary>
/// Not an event: a source repeated what it had said, which is no new fact and notifies nobody, but lets its word count for longer. Prometheus
/// repeats every active alert each minute; on record that would be noise.
/// </summary>
public sealed record Extension(DateTimeOffset Until)
{
    /// <summary>Null when nothing changes: the source's word counts that long already, or without end.</summary>
    public Alarm? Of(Alarm alarm) => alarm.IsActive && alarm.ExpiresAt < Until ? alarm with { ExpiresAt = Until } : null;
}

[JsonConverter(typeof(JsonStringEnumConverter<AcknowledgeMode>))]
public enum AcknowledgeMode
{
    [JsonStringEnumMemberName("automatic")] Automatic,
    [JsonStringEnumMemberName("manual")] Manual,
    [JsonStringEnumMemberName("manualWithNote")] ManualWithNote,
}

/// <summary>An alarm as its events have made it. Stream <c>alarm-…</c>; the id follows from the identity, so that every node finds the same.</summary>
public sealed record Alarm
{
    public required string Id { get; init; }
    public long Version { get; init; }
    public AlarmFacts Facts { get; init; } = new() { Name = "" };
    public AcknowledgeMode AckMode { get; init; }
    public string? SourceId { get; init; }
    public DateTimeOffset? ShelvedUntil { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When something happens to it by itself: shelving ends, or the source's word expires.</summary>
    [JsonIgnore]
    public DateTimeOffset? DueAt => ShelvedUntil is null ? ExpiresAt : ExpiresAt is null || ShelvedUntil < ExpiresAt ? ShelvedUntil : ExpiresAt;

    [JsonIgnore]
    public bool IsActive => Facts.State is AlarmState.ActiveUnacked or AlarmState.ActiveAcked;

    [JsonIgnore]
    public bool IsAcked => Facts.State is AlarmState.ActiveAcked or AlarmState.ClearedAcked;

    /// <summary>
    /// The source's own id, character by character, or else path and name. Two identities never share a key: intake leaves no line end in a path or
    /// a name, and one that has come another way is kept apart by its length.
    /// </summary>
    public static string IdOf(string? sourceId, string path, string name) =>
        Ids.Derived("alarm", sourceId is { Length: > 0 } ? $"s\n{sourceId}"
            : path.Contains('\n', StringComparison.Ordinal) ? string.Create(CultureInfo.InvariantCulture, $"q\n{path.Length}\n{path}\n{name}")
            : $"p\n{path}\n{name}");

    /// <summary>Whether it could be one: what is not, is not looked for.</summary>
    public static bool IsId(string id) => id.StartsWith("alarm-", StringComparison.Ordinal) && id.All(char.IsAscii) && !id.Any(char.IsControl);

    public object Acknowledge(string note, string by)
    {
        if (IsAcked) throw ProblemException.Conflict("The alarm is already acknowledged.");
        if (AckMode == AcknowledgeMode.ManualWithNote && note.Length == 0) throw ProblemException.Invalid("note", "This alarm must be acknowledged with a note.");
        return new AlarmAcknowledged(note, by);
    }

    public static object Shelve(DateTimeOffset until, string reason, DateTimeOffset now)
    {
        if (until <= now) throw ProblemException.Invalid("until", "The end must lie in the future.");
        return new AlarmShelved(until, reason);
    }

    public object Unshelve() =>
        ShelvedUntil is null ? throw ProblemException.Conflict("The alarm is not shelved.") : new AlarmUnshelved(TimeIsUp: false);

    /// <summary>What time alone has brought about; null when nothing is due.</summary>
    public object? Elapse(DateTimeOffset now) =>
        ShelvedUntil <= now ? new AlarmUnshelved(TimeIsUp: true)
        : ExpiresAt <= now && IsActive ? new AlarmExpired(ExpiresAt.Value)
        : null;

    public static Alarm Apply(Alarm? alarm, string id, object @event)
    {
        var current = alarm ?? new Alarm { Id = id };
        var next = @event switch
        {
            AlarmReported e => current with
            {
                // A late report is on record, but does not undo a later one.
                Facts = alarm is not null && e.EventTime < current.Facts.EventTime ? current.Facts : FactsOf(e) with { Shelved = current.Facts.Shelved },
                AckMode = e.AckMode,
                SourceId = e.SourceId,
                ExpiresAt = e.State is AlarmState.ActiveUnacked or AlarmState.ActiveAcked ? e.ExpiresAt : null,
            },
            AlarmExpired e => current with
            {
                Facts = current.Facts with { State = current.IsAcked ? AlarmState.ClearedAcked : AlarmState.ClearedUnacked, EventTime = e.ExpiredAt },
                ExpiresAt = null,
            },
            ReportRepeated => current,
            AlarmAcknowledged e => current with
            {
                Facts = current.Facts with { State = current.IsActive ? AlarmState.ActiveAcked : AlarmState.ClearedAcked, AckUser = e.By },
            },
            AlarmShelved e => current with { ShelvedUntil = e.Until, Facts = current.Facts with { Shelved = true } },
            AlarmUnshelved => current with { ShelvedUntil = null, Facts = current.Facts with { Shelved = false } },
            _ => throw new InvalidOperationException($"An alarm knows no {@event.GetType().Name}."),
        };
        return next with { Version = current.Version + 1, Facts = next.Facts with { StartTime = StartAfter(current, next) } };
    }

    /// <summary>When what is active now became so: an occurrence begins when the alarm becomes active, or is said to be so again, and not by being acknowledged.</summary>
    private static DateTimeOffset? StartAfter(Alarm before, Alarm after)
    {
        if (!after.IsActive) return before.Facts.StartTime;
        var goesOn = before.Version > 0 && before.IsActive
            && (after.Facts.EventTime == before.Facts.EventTime || (before.Facts.State, after.Facts.State) is (AlarmState.ActiveUnacked, AlarmState.ActiveAcked));
        return goesOn ? before.Facts.StartTime ?? before.Facts.EventTime : after.Facts.EventTime;
    }

    /// <summary>What is decided about: a report as it was made, even when it came late; else the alarm as it is after the event.</summary>
    public static AlarmFacts FactsAfter(object fact, Alarm after) => fact switch
    {
        AlarmReported report => FactsOf(report) with { Shelved = after.Facts.Shelved, StartTime = StartOf(report, after) },
        ReportRepeated repeat => after.Facts with { State = repeat.State, EventTime = repeat.EventTime },
        _ => after.Facts,
    };

    /// <summary>A report that came late tells of something before what is known now.</summary>
    private static DateTimeOffset? StartOf(AlarmReported report, Alarm after) =>
        FactsOf(report).StartTime is { } own && (after.Facts.StartTime is null || own < after.Facts.StartTime) ? own
        : after.Facts.StartTime <= report.EventTime ? after.Facts.StartTime : null;

    public static AlarmFacts FactsOf(AlarmReported e) => new()
    {
        Name = e.Name,
        Path = e.Path,
        Type = e.Type,
        Level = e.Level,
        State = e.State,
        Value = e.Value,
        EventTime = e.EventTime,
        StartTime = e.State is AlarmState.ActiveUnacked or AlarmState.ActiveAcked ? e.EventTime : null,
        Description = e.Description,
        AckUser = e.AckUser,
        Rule = e.Rule,
        Labels = e.Labels,
    };
}
