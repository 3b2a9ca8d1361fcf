using System.Globalization;
using NodaTime;
using Notify.Channels.People;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Rules.Schedules;

namespace Notify.Rules.Drills;

/// <summary>Which way a drill proves, when it runs, and how often the way must be proven.</summary>
public record DrillSettings
{
    public const int MaxReceivers = 100;
    public const int MaxConfirmMinutes = 1_440;
    public const int MaxProvenHours = 8_784;

    public string ServiceId { get; init => field = value ?? ""; } = "";

    /// <summary>Of the service's type.</summary>
    public string MessageId { get; init => field = value ?? ""; } = "";

    public IReadOnlyList<Receiver> Receivers { get; init => field = value ?? []; } = [];

    public DrillTimes At { get; init => field = value ?? new(); } = new();

    /// <summary>Within how many minutes somebody has to confirm by the link in the message, 1 to 1,440; null: nobody has to.</summary>
    public int? ConfirmWithinMinutes { get; init; }

    /// <summary>Hours within which the way must have been proven, up to 8,784 (a year); not fewer than may lie between two runs. If it was not, an
    /// alarm of Notify's own says so.</summary>
    public int? ProvenEveryHours { get; init; }

    internal TimeSpan Interval => TimeSpan.FromHours(ProvenEveryHours ?? MaxProvenHours);

    /// <summary>What it refers to.</summary>
    internal IEnumerable<(string Kind, string Id, IReadOnlyList<Receiver> Receivers)> References =>
    [
        ("service", ServiceId, Receivers), ("message", MessageId, Receivers),
        .. People.Select(x => (x.Kind, x.Account ?? "", (IReadOnlyList<Receiver>)[x])),
    ];

    internal IEnumerable<Receiver> People => Receivers.Where(x => x is not null && PeopleKinds.IsPeople(x));

    /// <param name="timeZone">The zone where none is given.</param>
    public DrillSettings WithDefaults(string timeZone) => this with { At = At.WithDefaults(timeZone) };

    /// <summary>Validates the settings by themselves.</summary>
    public void Validate(Errors errors)
    {
        if (ServiceId.Length == 0) errors.Add("serviceId", "A drill needs a service.");
        if (MessageId.Length == 0) errors.Add("messageId", "A drill needs a message.");
        if (Receivers.Count is 0 or > MaxReceivers) errors.Add("receivers", $"Give 1 to {MaxReceivers} receivers.");
        if (ConfirmWithinMinutes is < 1 or > MaxConfirmMinutes)
            errors.Add("confirmWithinMinutes", $"Give a number from 1 to {MaxConfirmMinutes}.");
        if (!At.Validate(errors)) return;
        var (least, most) = (At.ShortestGap(), At.LongestGap());
        if (ConfirmWithinMinutes > least.TotalMinutes)
            errors.Add("confirmWithinMinutes", $"The next run comes after {(int)least.TotalMinutes} minutes; give no more.");
        if (ProvenEveryHours is null or < 1 or > MaxProvenHours) errors.Add("provenEveryHours", $"Give a number from 1 to {MaxProvenHours}.");
        else if (ProvenEveryHours < most.TotalHours) errors.Add(
            "provenEveryHours", $"Up to {(int)most.TotalHours} hours lie between two runs; give at least that.");
    }
}

/// <summary>When a drill runs: at a local time on days of the week, or every few hours from its creation on.</summary>
public sealed record DrillTimes
{
    public const int MaxHours = 744;

    /// <summary>1 to 744 (a month); null: by days of the week.</summary>
    public int? EveryHours { get; init; }

    /// <summary>None given: every day.</summary>
    public IReadOnlyList<Weekday>? Weekdays { get; init; }

    /// <summary>The local time, <c>HH:mm:ss</c>. One that a clock skips comes as much later as the clock is put forward; of one that comes twice the
    /// first counts.</summary>
    public string? Time { get; init; }

    /// <summary>An IANA name, such as Asia/Shanghai.</summary>
    public string? TimeZone { get; init; }

    /// <summary>A day may have 25 hours.</summary>
    private static readonly TimeSpan putBack = TimeSpan.FromHours(1);

    public DrillTimes WithDefaults(string timeZone) => EveryHours is not null ? this : this with
    {
        Weekdays = Weekdays is { Count: > 0 } ? [.. Weekdays.Distinct().Order()] : Enum.GetValues<Weekday>(),
        // As browsers send a time.
        Time = Time is { Length: 5 } ? Time + ":00" : Time,
        TimeZone = string.IsNullOrEmpty(TimeZone) ? timeZone : TimeZone,
    };

    /// <returns>Whether it is valid.</returns>
    public bool Validate(Errors errors)
    {
        var before = errors.ToDictionary().Count;
        if (EveryHours is not null)
        {
            if (EveryHours is < 1 or > MaxHours) errors.Add("at.everyHours", $"Give a number from 1 to {MaxHours}.");
            if (Weekdays is { Count: > 0 }) errors.Add("at.weekdays", "Give either everyHours or weekdays and a time.");
            if (Time is not null) errors.Add("at.time", "Give either everyHours or weekdays and a time.");
            if (TimeZone is not null) errors.Add("at.timeZone", "Give either everyHours or weekdays and a time.");
            return errors.ToDictionary().Count == before;
        }

        foreach (var (i, day) in (Weekdays ?? []).Index())
            if (!Enum.IsDefined(day)) errors.Add($"at.weekdays[{i}]", "Not a day of the week.");
        if (string.IsNullOrEmpty(Time)) errors.Add("at.time", "A drill needs a time of day, such as 08:00:00, or everyHours.");
        else if (TimeOf(Time) is null) errors.Add("at.time", $"'{Time}' is not a time of day from 00:00:00 to 23:59:59.");
        if (!TimeZones.IsKnown(TimeZone)) errors.Add("at.timeZone", $"'{TimeZone}' is not an IANA time zone, such as Asia/Shanghai.");
        return errors.ToDictionary().Count == before;
    }

    /// <summary>What can lie between two runs at least; and at most, a clock that is put back included. Of valid times.</summary>
    public TimeSpan ShortestGap() => EveryHours is { } hours ? TimeSpan.FromHours(hours) : TimeSpan.FromDays(Gaps.Min()) - putBack;

    /// <inheritdoc cref="ShortestGap"/>
    public TimeSpan LongestGap() => EveryHours is { } hours ? TimeSpan.FromHours(hours) : TimeSpan.FromDays(Gaps.Max()) + putBack;

    /// <summary>Days from each run to the next.</summary>
    private IEnumerable<int> Gaps => Weekdays!.Select((day, i) =>
        i + 1 < Weekdays!.Count ? Weekdays[i + 1] - day : Weekdays[0] + 7 - day);

    /// <summary>The last time at which a drill was to run.</summary>
    /// <returns>Null: none since it was created.</returns>
    public DateTimeOffset? LastAt(DateTimeOffset now, DateTimeOffset created) =>
        Around(now, created, -8).Where(x => x <= now && x > created).Select(x => (DateTimeOffset?)x).Max();

    public DateTimeOffset NextAt(DateTimeOffset now, DateTimeOffset created) => Around(now, created, 8).Where(x => x > now).Min();

    /// <summary>Each time from now on, or up to now, for so many days or steps; perhaps one more.</summary>
    private IEnumerable<DateTimeOffset> Around(DateTimeOffset now, DateTimeOffset created, int days)
    {
        if (EveryHours is { } hours)
        {
            var steps = (long)Math.Floor((now - created) / TimeSpan.FromHours(hours));
            return [created + (TimeSpan.FromHours(hours) * steps), created + (TimeSpan.FromHours(hours) * (steps + 1))];
        }

        var zone = TimeZones.Get(TimeZone!);
        var today = Instant.FromDateTimeOffset(now).InZone(zone).Date;
        var at = TimeOf(Time)!.Value;
        return Enumerable.Range(Math.Min(days, -1), Math.Abs(days) + 2).Select(x => today.PlusDays(x))
            .Where(x => Weekdays!.Contains((Weekday)((int)x.DayOfWeek - 1)))
            .Select(x => zone.AtLeniently(x + LocalTime.FromTicksSinceMidnight(at.Ticks)).ToDateTimeOffset().ToUniversalTime());
    }

    private static TimeOnly? TimeOf(string? text) =>
        TimeOnly.TryParseExact(text, "HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;
}
