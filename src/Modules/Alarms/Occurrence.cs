using System.Text.Json.Serialization;
using Notify.Contracts.Alarms;

namespace Notify.Alarms;

/// <summary>
/// An instant by a source's clock. Such instants are compared with one another and not with Notify's clock: even a clock that is hours slow gives the
/// order of its own reports.
/// </summary>
/// <param name="Behind">So many minutes before it was heard, by our clock; negative: after. Absent when it was not far off.</param>
public sealed record SourceTime(DateTimeOffset At, int? Behind = null)
{
    /// <summary>How far a clock may differ from Notify's and still count as right.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>It is so far ahead of Notify's clock that it is not trusted.</summary>
    [JsonIgnore]
    public bool Ahead => Behind < 0;

    /// <param name="heard">When it was received, by Notify's clock.</param>
    public static SourceTime Of(DateTimeOffset given, DateTimeOffset heard) => new(given, MinutesBehind(given, heard));

    /// <inheritdoc cref="SourceTime" path="/param[@name='Behind']"/>
    public static int? MinutesBehind(DateTimeOffset given, DateTimeOffset heard) =>
        (heard - given).Duration() > Tolerance ? (int)(heard - given).TotalMinutes : null;

    /// <summary>Both are probably of one clock.</summary>
    public bool IsOfSameClock(SourceTime other) => Math.Abs((Behind ?? 0) - (other.Behind ?? 0)) <= Tolerance.TotalMinutes + 1;

    /// <summary>By two clocks as well, when neither is ahead: the one may have been long under way.</summary>
    public bool IsBefore(SourceTime other) => At < other.At && (IsOfSameClock(other) || !(Ahead || other.Ahead));
}

/// <summary>What a source said at some time.</summary>
public sealed record SaidThen(AlarmState State, SourceTime Time);

/// <summary>An occurrence that a source has ended in so many words.</summary>
/// <param name="FinalUntil">Until when, by our clock, a report that it continues is taken for a late one.</param>
/// <param name="Late">How many such reports are on record.</param>
public sealed record EndedOccurrence(DateTimeOffset Start, DateTimeOffset FinalUntil, int Late = 0);

/// <summary>
/// One coming and going of an alarm, the last that is known, by what its source said of it (docs/decisions/0019). It tells what is news from what
/// comes late, whatever the clocks say.
/// </summary>
public sealed record Occurrence
{
    public static readonly Occurrence None = new();

    /// <summary>Each of several Alertmanagers may lag by some occurrences, but not by more than these.</summary>
    private const int MostEnded = 8;

    private const int MostClocks = 4;

    /// <summary>When it began; null when the source did not say.</summary>
    public SourceTime? Start { get; init; }

    /// <summary>The time of the last report that counted and had one.</summary>
    public SourceTime? Last { get; init; }

    /// <summary>The last time that was heard by each clock; where reports say themselves which occurrence they are about, none.</summary>
    public IReadOnlyList<SourceTime>? Clocks { get; init; }

    /// <summary>The last report about the time before it.</summary>
    public SaidThen? Before { get; init; }

    /// <summary>It was not ended by its source, which only fell silent.</summary>
    public bool FellSilent { get; init; }

    /// <inheritdoc cref="AlarmReported.AnnouncedEnd"/>
    public DateTimeOffset? AnnouncedEnd { get; init; }

    /// <summary>The occurrences that were ended last, where the source says with each report which it is about.</summary>
    public IReadOnlyList<EndedOccurrence>? Ended { get; init; }

    /// <summary>
    /// It was ended by a report of a time before its beginning. Clocks may be wrong; or the end was that of an occurrence whose beginning is yet to
    /// come.
    /// </summary>
    [JsonIgnore]
    public bool EndsBeforeItsStart => Start is not null && Last?.IsBefore(Start) == true && Last.IsOfSameClock(Start);

    /// <summary>Null when it has not ended.</summary>
    public EndedOccurrence? EndOf(DateTimeOffset start) => Ended?.FirstOrDefault(x => x.Start == start);

    /// <summary>Null when the source gave none.</summary>
    public static SourceTime? TimeOf(AlarmReported report) =>
        report.Untimed == true ? null : new SourceTime(report.GivenEventTime ?? report.EventTime, report.MinutesBehind);

    /// <summary>
    /// Whether a report of that time comes after a later one. By a clock that was heard before, that clock decides; else it is as if there were one
    /// clock only, and the report had been long under way.
    /// </summary>
    public bool IsLate(SourceTime time) => ClockOf(time) is { } clock ? time.At < clock.At : Last is not null && time.IsBefore(Last);

    /// <summary>Whether a report of that time is about something before the beginning; of another clock, that was heard before, nobody can
    /// say.</summary>
    public bool BeginsAfter(SourceTime time) => Start is not null && time.IsBefore(Start) && (Start.IsOfSameClock(time) || ClockOf(time) is null);

    private SourceTime? ClockOf(SourceTime time) => Clocks?.FirstOrDefault(x => x.IsOfSameClock(time));

    private IReadOnlyList<SourceTime>? ClocksWith(SourceTime? time) =>
        time is null ? Clocks : [.. (Clocks ?? []).Where(x => !x.IsOfSameClock(time)).TakeLast(MostClocks - 1), time];

    /// <summary>
    /// Whether an end of that time, which is before the start, is that of an earlier occurrence: of one that was open then, or a report that came
    /// late about one. It is not when the alarm was cleared then: an end that can be of no other occurrence is of this one.
    /// </summary>
    public bool LeavesToEarlier(AlarmState end, SourceTime time) => Before is { } before
        && (before.State.IsActive() || time.IsBefore(before.Time)
            || (before.State, end) is (AlarmState.ClearedUnacked, AlarmState.ClearedAcked));

    /// <param name="report">One that counts.</param>
    /// <param name="alarm">As it was before.</param>
    public Occurrence After(AlarmReported report, Alarm alarm)
    {
        var time = TimeOf(report);
        var (last, clocks) = (time ?? Last, report.Start is null ? ClocksWith(time) : Clocks);
        if (!report.State.IsActive())
        {
            var ended = report.Start ?? Start?.At;
            return (report.FinalUntil is { } until && ended is { } start ? EndedToo(start, until) : this) with
            {
                Last = last,
                Clocks = clocks,
                FellSilent = false,
                AnnouncedEnd = null,
            };
        }

        if (alarm.IsActive && report.State == AlarmState.ActiveAcked) return this with { Last = last, Clocks = clocks };
        var begun = report.Start is { } given ? SourceTime.Of(given, report.EventTime) : time;
        return this with
        {
            Start = begun,
            Last = last,
            Clocks = clocks,
            Before = alarm.Version > 0 && Last is not null ? new SaidThen(alarm.Said ?? alarm.Facts.State, Last) : null,
            FellSilent = false,
            AnnouncedEnd = report.AnnouncedEnd,
            Ended = Ended?.Where(x => x.Start != begun?.At).ToList(),
        };
    }

    /// <param name="report">One that came late.</param>
    /// <param name="alarm">As it was before, and stays.</param>
    public Occurrence AfterLate(AlarmReported report, Alarm alarm)
    {
        if (report.FinalUntil is { } until && report.Start is { } ended) return EndedToo(ended, until);
        if (report.Start is { } start) return this with { Ended = Ended?.Select(x => x.Start == start ? x with { Late = x.Late + 1 } : x).ToList() };
        if (TimeOf(report) is not { } time) return this;
        var heard = this with { Clocks = ClockOf(time) is null ? ClocksWith(time) : Clocks };
        // The source had given no time so far: this is it.
        if (Start is null && report.State.IsActive() && alarm.IsActive) return heard with { Start = time, Last = Last ?? time };
        return BeginsAfter(time) && (Before is null || !time.IsBefore(Before.Time))
            ? heard with { Before = new SaidThen(report.State, time) } : heard;
    }

    /// <summary>The end on record was that of the one before.</summary>
    public Occurrence Reopened(AlarmState end) => this with { Before = new SaidThen(end, Last!), Last = Start, Clocks = ClocksWith(Start) };

    /// <summary>Its end did not come from the source's silence, and so is final.</summary>
    public Occurrence EndedToo(DateTimeOffset start, DateTimeOffset? finalUntil) => finalUntil is not { } until || EndOf(start) is not null
        ? this
        : this with
        {
            FellSilent = FellSilent && Start?.At != start,
            Ended = [.. (Ended ?? []).TakeLast(MostEnded - 1), new EndedOccurrence(start, until)]
        };
}

/// <summary>Not an event: repeats whose content the alarm shows and its events do not yet.</summary>
/// <param name="Until">When they are recorded, in one event.</param>
public sealed record PassedOver(int Times, DateTimeOffset Until)
{
    /// <summary>Everything that a repeat can change, as the alarm shows it.</summary>
    public ReportRepeated Record(Alarm alarm) => new(alarm.Reported, alarm.Said ?? alarm.Facts.State, alarm.Facts.EventTime, Times)
    {
        Level = alarm.Facts.Level,
        Value = alarm.Facts.Value,
        Description = alarm.Facts.Description,
        Labels = alarm.Facts.Labels,
        ExpiresAt = alarm.ExpiresAt,
    };
}
