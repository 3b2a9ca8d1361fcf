using System.Globalization;
using System.Text.Json.Serialization;
using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Alarms;

/// <summary>A source reported the state of an alarm. The first report raises it.</summary>
/// <param name="ExpiresAt">When the source's report expires: if it is not repeated by then, the alarm counts as cleared.</param>
public sealed record AlarmReported(
    string Name, string Path, string Type, AlarmLevel Level, AlarmState State, string Value, DateTimeOffset EventTime, string Description,
    AcknowledgeMode AckMode, string AckUser, string? Rule, IReadOnlyDictionary<string, string> Labels, string? SourceId,
    DateTimeOffset? ExpiresAt = null)
{
    /// <summary>True: the report arrived after a newer one; it is recorded without effect on the alarm, and not decided. Null where the event times
    /// show it: a report earlier than the last one is late.</summary>
    public bool? Late { get; init; }

    /// <summary>The event time given by the source, if it was not accepted; otherwise null.</summary>
    public DateTimeOffset? GivenEventTime { get; init; }

    /// <summary>True: the event time is Notify's own, because the source gave none, or repeated that of an earlier report.</summary>
    public bool? Untimed { get; init; }

    /// <summary>How many minutes the event time was before the receipt by Notify's clock; negative: after it. Null if the difference was
    /// small.</summary>
    public int? MinutesBehind { get; init; }

    /// <summary>When the reported occurrence began by the source's clock, if the source gives this with every report; otherwise null.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>For an end: until when further reports that the same occurrence continues count as late.</summary>
    public DateTimeOffset? FinalUntil { get; init; }

    /// <summary>The end that the source announced, if its clock is so slow that by Notify's clock this end had passed already.</summary>
    public DateTimeOffset? AnnouncedEnd { get; init; }

    /// <summary>True: this is the beginning of an occurrence whose end was taken for that of the next one, so the next one continues.</summary>
    public bool? Reopens { get; init; }

    /// <summary>The silence that matched the report, so that the alarm is shelved; null: none.</summary>
    public AlarmSilence? Silence { get; init; }
}

/// <summary>The source did not repeat its report in time; the alarm counts as cleared.</summary>
public sealed record AlarmExpired(DateTimeOffset ExpiredAt);

/// <summary>A source repeated a recorded report. The alarm's state stays, nothing is decided and nobody is notified; fields given here are
/// updated.</summary>
/// <param name="Repeats">The version of the alarm at which the report is recorded.</param>
/// <param name="State">The state in the repeated report; the same holds for the event time.</param>
/// <param name="Times">How often the report was repeated.</param>
/// <param name="QuietUntil">If there were too many repeats: until when further ones of this alarm's reports are not recorded. Otherwise null.</param>
public sealed record ReportRepeated(long Repeats, AlarmState State, DateTimeOffset EventTime, int Times, DateTimeOffset? QuietUntil = null)
{
    public AlarmLevel? Level { get; init; }
    public string? Value { get; init; }
    public string? Description { get; init; }
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <inheritdoc cref="AlarmReported.ExpiresAt"/>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>For an end that arrived when the alarm was cleared already: the start of the occurrence that it ended.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <inheritdoc cref="AlarmReported.FinalUntil"/>
    public DateTimeOffset? FinalUntil { get; init; }

    /// <summary>Combines this repeat and a later one.</summary>
    public ReportRepeated And(ReportRepeated later) => this with
    {
        Times = Times + later.Times,
        Level = later.Level ?? Level,
        Value = later.Value ?? Value,
        Description = later.Description ?? Description,
        Labels = later.Labels ?? Labels,
        ExpiresAt = later.ExpiresAt ?? ExpiresAt,
        Start = later.Start ?? Start,
        FinalUntil = later.FinalUntil ?? FinalUntil,
    };

    /// <summary>With the fields that turn one alarm into the other, as far as a repeat can change them.</summary>
    public ReportRepeated Between(Alarm before, Alarm after) => this with
    {
        Level = before.Facts.Level == after.Facts.Level ? null : after.Facts.Level,
        Value = before.Facts.Value == after.Facts.Value ? null : after.Facts.Value,
        Description = before.Facts.Description == after.Facts.Description ? null : after.Facts.Description,
        Labels = ReferenceEquals(before.Facts.Labels, after.Facts.Labels) ? null : after.Facts.Labels,
        ExpiresAt = before.ExpiresAt == after.ExpiresAt ? null : after.ExpiresAt,
    };

    public bool ChangesContent() => (Level, Value, Description, Labels, ExpiresAt) != default;
}

/// <summary>As <see cref="ReportRepeated"/>, for a report whose alarm was removed by retention. Stream <c>repeat-…</c>.</summary>
public sealed record PutAwayReportRepeated(
    string AlarmId, string Name, AlarmState State, DateTimeOffset EventTime, int Times, DateTimeOffset? QuietUntil = null);

public sealed record AlarmAcknowledged(string Note, string By)
{
    /// <summary>The fingerprint of the link by which the alarm was acknowledged; absent if it was done otherwise.</summary>
    public string? Link { get; init; }

    /// <summary>The type of the channel by which the link was sent to this person alone; absent if anybody with the message could use it.</summary>
    public string? Channel { get; init; }
}

/// <summary>An operator, or a silence, shelved the alarm until a given time.</summary>
public sealed record AlarmShelved(DateTimeOffset Until, string Reason)
{
    /// <summary>The silence that shelved it; absent if an operator shelved this alarm alone.</summary>
    public AlarmSilence? Silence { get; init; }
}

/// <summary>The alarm is no longer shelved; <paramref name="TimeIsUp"/>: because the time was up.</summary>
public sealed record AlarmUnshelved(bool TimeIsUp)
{
    /// <summary>The id of the silence that ended or no longer matches; absent if the time was up or an operator unshelved it.</summary>
    public string? Silence { get; init; }
}

/// <summary>Not an event: a source repeated its report, which changes nothing and notifies nobody, but extends the report's validity. Prometheus
/// repeats every active alert each minute; recording that would be noise.</summary>
/// <param name="AnnouncedEnd">As in <see cref="AlarmReported.AnnouncedEnd"/>.</param>
public sealed record Extension(DateTimeOffset Until, DateTimeOffset? AnnouncedEnd = null)
{
    /// <summary>Null when nothing changes: the report is valid at least that long already, or without end.</summary>
    public Alarm? Of(Alarm alarm) => alarm.IsActive && alarm.ExpiresAt < Until
        ? alarm with { ExpiresAt = Until, Occurrence = alarm.Occurrence with { AnnouncedEnd = AnnouncedEnd } }
        : null;
}

[JsonConverter(typeof(JsonStringEnumConverter<AcknowledgeMode>))]
public enum AcknowledgeMode
{
    [JsonStringEnumMemberName("automatic")] Automatic,
    [JsonStringEnumMemberName("manual")] Manual,
    [JsonStringEnumMemberName("manualWithNote")] ManualWithNote,
}

public static class AlarmStates
{
    /// <summary>All states except cleared and acknowledged.</summary>
    public static readonly AlarmState[] Open = [AlarmState.ActiveUnacked, AlarmState.ActiveAcked, AlarmState.ClearedUnacked];

    public static bool IsActive(this AlarmState state) => state is AlarmState.ActiveUnacked or AlarmState.ActiveAcked;
}

/// <summary>An alarm, folded from its events. Stream <c>alarm-…</c>; the id is derived from the identity, so every node computes the same.</summary>
public sealed record Alarm
{
    public required string Id { get; init; }
    public long Version { get; init; }
    public AlarmFacts Facts { get; init; } = new() { Name = "" };
    public AcknowledgeMode AckMode { get; init; }
    public string? SourceId { get; init; }
    public DateTimeOffset? ShelvedUntil { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <inheritdoc cref="AlarmReported.GivenEventTime"/>
    public DateTimeOffset? GivenEventTime { get; init; }

    /// <summary>The state that the source reported last. The actual state differs after an acknowledgement, or when the source fell silent.</summary>
    public AlarmState? Said { get; init; }

    /// <summary>The version of the source's last effective report, to which repeats refer.</summary>
    public long Reported { get; init; }

    /// <summary>The version at which the occurrence of <see cref="AlarmFacts.StartTime"/> began.</summary>
    public long Began { get; init; }

    /// <summary>The version at which somebody acknowledged it; null: nobody did, or only the source reported it as acknowledged.</summary>
    public long? Acknowledged { get; init; }

    public Occurrence Occurrence { get; init; } = Occurrence.None;

    /// <summary>Repeats that came too frequently to be recorded yet (<see cref="RepeatedReports"/>); the alarm already shows their content.</summary>
    public PassedOver? PassedOver { get; init; }

    /// <summary>Neither its row nor its events can be read; only the columns of its row are known.</summary>
    [JsonIgnore]
    public bool IsUnreadable { get; init; }

    /// <summary>When time alone changes the alarm: shelving ends, the source's report expires, or ignored repeats are recorded.</summary>
    [JsonIgnore]
    public DateTimeOffset? DueAt => new[] { ShelvedUntil, ExpiresAt, PassedOver?.Until }.Min();

    [JsonIgnore]
    public bool NeedsNote => AckMode == AcknowledgeMode.ManualWithNote;

    [JsonIgnore]
    public bool IsActive => Facts.State.IsActive();

    [JsonIgnore]
    public bool IsAcked => Facts.State is AlarmState.ActiveAcked or AlarmState.ClearedAcked;

    /// <summary>Derived from the source's own id, or else from path and name. Two identities never share a key: the intake removes line ends from
    /// paths and names, and for a path that still has one the length is included.</summary>
    public static string IdOf(string? sourceId, string path, string name) =>
        Ids.Derived("alarm", sourceId is { Length: > 0 } ? $"s\n{sourceId}"
            : path.Contains('\n', StringComparison.Ordinal) ? string.Create(CultureInfo.InvariantCulture, $"q\n{path.Length}\n{path}\n{name}")
            : $"p\n{path}\n{name}");

    /// <summary>Whether the text has the form of an alarm's id; others need not be looked up.</summary>
    public static bool IsId(string id) => id.StartsWith("alarm-", StringComparison.Ordinal) && id.All(char.IsAscii) && !id.Any(char.IsControl);

    /// <param name="link">As in <see cref="AlarmAcknowledged.Link"/>.</param>
    /// <param name="channel">As in <see cref="AlarmAcknowledged.Channel"/>.</param>
    public object Acknowledge(string note, string by, string? link = null, string? channel = null)
    {
        if (IsAcked) throw ProblemException.Conflict("The alarm is already acknowledged.");
        return NeedsNote && note.Length == 0 ? throw ProblemException.Invalid("note", "This alarm must be acknowledged with a note.")
            : new AlarmAcknowledged(note, by) { Link = link, Channel = channel };
    }

    public static object Shelve(DateTimeOffset until, string reason, DateTimeOffset now)
    {
        if (until <= now) throw ProblemException.Invalid("until", "The end must be in the future.");
        return new AlarmShelved(until, reason);
    }

    public object Unshelve() =>
        ShelvedUntil is null ? throw ProblemException.Conflict("The alarm is not shelved.") : new AlarmUnshelved(TimeIsUp: false);

    /// <summary>The change that is due by time alone: an event, or a due <see cref="Alarms.PassedOver"/>; null when nothing is due.</summary>
    public object? Elapse(DateTimeOffset now) =>
        ShelvedUntil <= now ? new AlarmUnshelved(TimeIsUp: true)
        : ExpiresAt <= now && IsActive ? new AlarmExpired(ExpiresAt.Value)
        : PassedOver?.Until <= now ? PassedOver
        : null;

    public static Alarm Apply(Alarm? alarm, string id, object @event)
    {
        var current = alarm ?? new Alarm { Id = id };
        var next = @event switch
        {
            AlarmReported e when IsLate(alarm, e) => current with { Occurrence = current.Occurrence.AfterLate(e, current) },
            AlarmReported { Reopens: true } => current with
            {
                Facts = current.Facts with
                {
                    State = current.IsAcked ? AlarmState.ActiveAcked : AlarmState.ActiveUnacked,
                    EventTime = current.Occurrence.Start is { Ahead: false } start ? start.At : current.Facts.EventTime,
                },
                Said = AlarmState.ActiveUnacked,
                Reported = current.Version + 1,
                Occurrence = current.Occurrence.Reopened(current.Said ?? current.Facts.State),
            },
            AlarmReported e => current with
            {
                Facts = FactsOf(e) with { Shelved = current.Facts.Shelved, Silence = current.Facts.Silence },
                AckMode = e.AckMode,
                SourceId = e.SourceId,
                ExpiresAt = e.State.IsActive() ? e.ExpiresAt : null,
                GivenEventTime = e.GivenEventTime,
                Said = e.State,
                Reported = current.Version + 1,
                Occurrence = current.Occurrence.After(e, current),
            },
            AlarmExpired e => current with
            {
                Facts = current.Facts with { State = current.IsAcked ? AlarmState.ClearedAcked : AlarmState.ClearedUnacked, EventTime = e.ExpiredAt },
                ExpiresAt = null,
                Occurrence = current.Occurrence with { FellSilent = true },
            },
            ReportRepeated e => current.With(e) with { PassedOver = null },
            AlarmAcknowledged e => current with
            {
                Facts = current.Facts with { State = current.IsActive ? AlarmState.ActiveAcked : AlarmState.ClearedAcked, AckUser = e.By },
            },
            AlarmShelved e => current with { ShelvedUntil = e.Until, Facts = current.Facts with { Shelved = true, Silence = e.Silence } },
            AlarmUnshelved => current with { ShelvedUntil = null, Facts = current.Facts with { Shelved = false, Silence = null } },
            _ => throw new InvalidOperationException($"The event {@event.GetType().Name} does not belong to an alarm."),
        };
        if (@event is AlarmReported { Silence: { } silence })
            next = next with { ShelvedUntil = silence.Until, Facts = next.Facts with { Shelved = true, Silence = silence } };
        var (version, startTime) = (current.Version + 1, StartAfter(current, next));
        return next with
        {
            Version = version,
            Facts = next.Facts with { StartTime = startTime },
            Began = startTime == current.Facts.StartTime ? current.Began : version,
            Acknowledged = @event is AlarmAcknowledged ? version : next.IsAcked ? current.Acknowledged : null,
        };
    }

    /// <summary>When the present occurrence began: when the alarm became active, or was reported active again; an acknowledgement does not start
    /// one.</summary>
    private static DateTimeOffset? StartAfter(Alarm before, Alarm after)
    {
        if (!after.IsActive) return before.IsActive && before.Version > 0 ? before.Facts.StartTime : after.Facts.StartTime ?? before.Facts.StartTime;
        var goesOn = before.Version > 0 && before.IsActive
            && (after.Facts.EventTime == before.Facts.EventTime
                || (before.Facts.State, after.Facts.State) is (AlarmState.ActiveUnacked, AlarmState.ActiveAcked));
        return goesOn ? before.Facts.StartTime ?? before.Facts.EventTime : after.Facts.EventTime;
    }

    /// <summary>The alarm with the content of a repeat, whether that is recorded or not.</summary>
    public Alarm With(ReportRepeated e) => this with
    {
        Facts = Facts with
        {
            Level = e.Level ?? Facts.Level,
            Value = e.Value ?? Facts.Value,
            Description = e.Description ?? Facts.Description,
            Labels = e.Labels ?? Facts.Labels,
        },
        ExpiresAt = IsActive && ExpiresAt < e.ExpiresAt ? e.ExpiresAt : ExpiresAt,
        Said = IsActive == e.State.IsActive() ? e.State : Said,
        Occurrence = e.Start is { } start ? Occurrence.EndedToo(start, e.FinalUntil) : Occurrence,
    };

    internal static bool IsLate(Alarm? alarm, AlarmReported e) =>
        alarm is not null && (e.Late ?? (e.Reopens != true && e.EventTime < alarm.Facts.EventTime));

    /// <summary>The facts that a change shows and that are decided: for a report its own, even if it was late; otherwise those of the alarm after the
    /// event.</summary>
    public static AlarmFacts FactsAfter(object fact, Alarm after) => fact switch
    {
        AlarmReported { Reopens: not true } report => FactsOf(report) with
        {
            Shelved = after.Facts.Shelved,
            Silence = after.Facts.Silence,
            StartTime = StartOf(report, after)
        },
        ReportRepeated repeat => after.Facts with { State = repeat.State, EventTime = repeat.EventTime },
        _ => after.Facts,
    };

    /// <summary>A late report concerns a time before what is known now.</summary>
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
        StartTime = e.State.IsActive() ? e.EventTime : e.Start <= e.EventTime ? e.Start : null,
        Description = e.Description,
        AckUser = e.AckUser,
        Rule = e.Rule,
        Labels = e.Labels,
    };
}
