using System.Text.Json.Serialization;
using Notify.Contracts.Alarms;

namespace Notify.Alarms;

/// <summary>An instant by a source's clock. Such instants are compared with one another, not with Notify's clock: even a clock that is hours slow
/// gives the correct order of its own reports.</summary>
/// <param name="Behind">How many minutes it was before its receipt by Notify's clock; negative: after it. Null if the difference was small.</param>
public sealed record SourceTime(DateTimeOffset At, int? Behind = null)
{
    /// <summary>How far a clock may differ from Notify's and still count as correct.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>The clock is so far ahead of Notify's that it is not trusted.</summary>
    [JsonIgnore]
    public bool Ahead => Behind < 0;

    /// <param name="heard">The time of receipt by Notify's clock.</param>
    public static SourceTime Of(DateTimeOffset given, DateTimeOffset heard) => new(given, MinutesBehind(given, heard));

    /// <inheritdoc cref="SourceTime" path="/param[@name='Behind']"/>
    public static int? MinutesBehind(DateTimeOffset given, DateTimeOffset heard) =>
        (heard - given).Duration() > Tolerance ? (int)(heard - given).TotalMinutes : null;

    /// <summary>Both times are probably from the same clock.</summary>
    public bool IsOfSameClock(SourceTime other) => Math.Abs((Behind ?? 0) - (other.Behind ?? 0)) <= Tolerance.TotalMinutes + 1;

    /// <summary>Applies to two different clocks too if neither is ahead: the earlier report may have been delayed for long.</summary>
    public bool IsBefore(SourceTime other) => At < other.At && (IsOfSameClock(other) || !(Ahead || other.Ahead));
}

/// <summary>The state that a source reported for a time.</summary>
public sealed record SaidThen(AlarmState State, SourceTime Time);

/// <summary>An occurrence that a source has ended explicitly.</summary>
/// <param name="FinalUntil">Until when, by Notify's clock, a report that the occurrence continues counts as late.</param>
/// <param name="Late">How many such reports are recorded.</param>
public sealed record EndedOccurrence(DateTimeOffset Start, DateTimeOffset FinalUntil, int Late = 0);

/// <summary>The last known occurrence of an alarm, from its beginning to its end, according to its source (docs/decisions/0019). It distinguishes
/// news from late reports, whatever the clocks show.</summary>
public sealed record Occurrence
{
    public static readonly Occurrence None = new();

    /// <summary>How many ended occurrences are remembered. Each of several Alertmanagers may lag behind by some, but not by more.</summary>
    private const int MostEnded = 8;

    private const int MostClocks = 4;

    /// <summary>When it began; null when the source did not say.</summary>
    public SourceTime? Start { get; init; }

    /// <summary>The time of the last effective report that had one.</summary>
    public SourceTime? Last { get; init; }

    /// <summary>The last time received from each clock; null where the reports themselves identify the occurrence.</summary>
    public IReadOnlyList<SourceTime>? Clocks { get; init; }

    /// <summary>The last report about the time before it.</summary>
    public SaidThen? Before { get; init; }

    /// <summary>It was not ended by its source, which fell silent.</summary>
    public bool FellSilent { get; init; }

    /// <inheritdoc cref="AlarmReported.AnnouncedEnd"/>
    public DateTimeOffset? AnnouncedEnd { get; init; }

    /// <summary>The occurrences that ended last, if the source identifies the occurrence in each report.</summary>
    public IReadOnlyList<EndedOccurrence>? Ended { get; init; }

    /// <summary>Its end has a time before its beginning. Clocks may be wrong; or the end belongs to an earlier occurrence whose beginning has not
    /// been received yet.</summary>
    [JsonIgnore]
    public bool EndsBeforeItsStart => Start is not null && Last?.IsBefore(Start) == true && Last.IsOfSameClock(Start);

    /// <summary>Null when it has not ended.</summary>
    public EndedOccurrence? EndOf(DateTimeOffset start) => Ended?.FirstOrDefault(x => x.Start == start);

    /// <summary>Null when the source gave no time.</summary>
    public static SourceTime? TimeOf(AlarmReported report) =>
        report.Untimed == true ? null : new SourceTime(report.GivenEventTime ?? report.EventTime, report.MinutesBehind);

    /// <summary>Whether a report of that time comes after a newer one. If its clock was received before, the times of that clock decide; otherwise
    /// all times are treated as those of one clock, and the report as delayed.</summary>
    public bool IsLate(SourceTime time) => ClockOf(time) is { } clock ? time.At < clock.At : Last is not null && time.IsBefore(Last);

    /// <summary>Whether a report of that time concerns something before the beginning. For another clock that was received before this cannot be
    /// told.</summary>
    public bool BeginsAfter(SourceTime time) => Start is not null && time.IsBefore(Start) && (Start.IsOfSameClock(time) || ClockOf(time) is null);

    private SourceTime? ClockOf(SourceTime time) => Clocks?.FirstOrDefault(x => x.IsOfSameClock(time));

    private IReadOnlyList<SourceTime>? ClocksWith(SourceTime? time) =>
        time is null ? Clocks : [.. (Clocks ?? []).Where(x => !x.IsOfSameClock(time)).TakeLast(MostClocks - 1), time];

    /// <summary>Whether an end with a time before the start belongs to an earlier occurrence: one that was open then, or about which a report came
    /// late. If the alarm was cleared then, the end can only belong to this occurrence.</summary>
    public bool LeavesToEarlier(AlarmState end, SourceTime time) => Before is { } before
        && (before.State.IsActive() || time.IsBefore(before.Time)
            || (before.State, end) is (AlarmState.ClearedUnacked, AlarmState.ClearedAcked));

    /// <param name="report">An effective report.</param>
    /// <param name="alarm">The alarm before the report.</param>
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

    /// <param name="report">A late report.</param>
    /// <param name="alarm">The alarm, which the report does not change.</param>
    public Occurrence AfterLate(AlarmReported report, Alarm alarm)
    {
        if (report.FinalUntil is { } until && report.Start is { } ended) return EndedToo(ended, until);
        if (report.Start is { } start) return this with { Ended = Ended?.Select(x => x.Start == start ? x with { Late = x.Late + 1 } : x).ToList() };
        if (TimeOf(report) is not { } time) return this;
        var heard = this with { Clocks = ClockOf(time) is null ? ClocksWith(time) : Clocks };
        // The source had given no time so far, so this is the start.
        if (Start is null && report.State.IsActive() && alarm.IsActive) return heard with { Start = time, Last = Last ?? time };
        return BeginsAfter(time) && (Before is null || !time.IsBefore(Before.Time))
            ? heard with { Before = new SaidThen(report.State, time) } : heard;
    }

    /// <summary>The recorded end was that of the previous occurrence.</summary>
    public Occurrence Reopened(AlarmState end) => this with { Before = new SaidThen(end, Last!), Last = Start, Clocks = ClocksWith(Start) };

    /// <summary>Records the explicit end of an occurrence, which is final, unlike an end by the source's silence.</summary>
    public Occurrence EndedToo(DateTimeOffset start, DateTimeOffset? finalUntil) => finalUntil is not { } until || EndOf(start) is not null
        ? this
        : this with
        {
            FellSilent = FellSilent && Start?.At != start,
            Ended = [.. (Ended ?? []).TakeLast(MostEnded - 1), new EndedOccurrence(start, until)]
        };
}

/// <summary>Not an event: repeats whose content the alarm shows, but its events do not contain yet.</summary>
/// <param name="Until">When they are recorded, in one event.</param>
public sealed record PassedOver(int Times, DateTimeOffset Until)
{
    /// <summary>An event with everything that a repeat can change, from the alarm.</summary>
    public ReportRepeated Record(Alarm alarm) => new(alarm.Reported, alarm.Said ?? alarm.Facts.State, alarm.Facts.EventTime, Times)
    {
        Level = alarm.Facts.Level,
        Value = alarm.Facts.Value,
        Description = alarm.Facts.Description,
        Labels = alarm.Facts.Labels,
        ExpiresAt = alarm.ExpiresAt,
    };
}
