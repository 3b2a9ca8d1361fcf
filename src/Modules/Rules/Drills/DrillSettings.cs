using System.Globalization;
using NodaTime;
using Notify.Channels.People;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Rules.Schedules;

namespace Notify.Rules.Drills;

/// <summary>The service, message and receivers that a drill tests, when it runs, and how often they must be proven to work.</summary>
public record DrillSettings
{
    public const int MaxReceivers = 100;
    public const int MaxConfirmMinutes = 1_440;
    public const int MaxProvenHours = 8_784;

    public string ServiceId { get; init => field = value ?? ""; } = "";

    /// <summary>A message of the service's type.</summary>
    public string MessageId { get; init => field = value ?? ""; } = "";

    public IReadOnlyList<Receiver> Receivers { get; init => field = value ?? []; } = [];

    public DrillTimes At { get; init => field = value ?? new(); } = new();

    /// <summary>How many minutes after sending somebody must confirm through the link in the message, 1 to 1,440; null: no confirmation.</summary>
    public int? ConfirmWithinMinutes { get; init; }

    /// <summary>Hours within which a run must have succeeded, up to 8,784 (366 days); at least the longest time between two runs. If none did, Notify
    /// raises an alarm of its own.</summary>
    public int? ProvenEveryHours { get; init; }

    internal TimeSpan Interval => TimeSpan.FromHours(ProvenEveryHours ?? MaxProvenHours);

    /// <summary>Everything that the drill refers to.</summary>
    internal IEnumerable<(string Kind, string Id, IReadOnlyList<Receiver> Receivers)> References =>
    [
        ("service", ServiceId, Receivers), ("message", MessageId, Receivers),
        .. People.Select(x => (x.Kind, x.Account ?? "", (IReadOnlyList<Receiver>)[x])),
    ];

    internal IEnumerable<Receiver> People => Receivers.Where(x => x is not null && PeopleKinds.IsPeople(x));

    /// <param name="timeZone">The zone if none is given.</param>
    public DrillSettings WithDefaults(string timeZone) => this with { At = At.WithDefaults(timeZone) };

    /// <summary>Validates the settings by themselves; <see cref="DrillReferences"/> checks what they refer to.</summary>
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
            errors.Add("confirmWithinMinutes", $"The next run begins after {(int)least.TotalMinutes} minutes; give at most that.");
        if (ProvenEveryHours is null or < 1 or > MaxProvenHours) errors.Add("provenEveryHours", $"Give a number from 1 to {MaxProvenHours}.");
        else if (ProvenEveryHours < most.TotalHours) errors.Add(
            "provenEveryHours", $"Up to {(int)most.TotalHours} hours lie between two runs; give at least that.");
    }
}

/// <summary>When a drill runs: at a local time on days of the week, or every few hours, counted from its creation.</summary>
public sealed record DrillTimes
{
    public const int MaxHours = 744;

    /// <summary>1 to 744 (31 days); null: the drill runs on days of the week.</summary>
    public int? EveryHours { get; init; }

    /// <summary>Null or empty: every day.</summary>
    public IReadOnlyList<Weekday>? Weekdays { get; init; }

    /// <summary>The local time, <c>HH:mm:ss</c>. A time skipped by a clock change is moved forward by the length of the change; of a time that occurs
    /// twice the first counts.</summary>
    public string? Time { get; init; }

    /// <summary>An IANA time zone, such as Asia/Shanghai.</summary>
    public string? TimeZone { get; init; }

    /// <summary>How much a clock change may lengthen or shorten a day.</summary>
    private static readonly TimeSpan putBack = TimeSpan.FromHours(1);

    public DrillTimes WithDefaults(string timeZone) => EveryHours is not null ? this : this with
    {
        Weekdays = Weekdays is { Count: > 0 } ? [.. Weekdays.Distinct().Order()] : Enum.GetValues<Weekday>(),
        // Browsers send times without seconds.
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

    /// <summary>The shortest and the longest possible time between two runs, considering clock changes. The times must be valid.</summary>
    public TimeSpan ShortestGap() => EveryHours is { } hours ? TimeSpan.FromHours(hours) : TimeSpan.FromDays(Gaps.Min()) - putBack;

    /// <inheritdoc cref="ShortestGap"/>
    public TimeSpan LongestGap() => EveryHours is { } hours ? TimeSpan.FromHours(hours) : TimeSpan.FromDays(Gaps.Max()) + putBack;

    /// <summary>The number of days from each run to the next.</summary>
    private IEnumerable<int> Gaps => Weekdays!.Select((day, i) =>
        i + 1 < Weekdays!.Count ? Weekdays[i + 1] - day : Weekdays[0] + 7 - day);

    /// <summary>The last time at which the drill should have run.</summary>
    /// <returns>Null: none since its creation.</returns>
    public DateTimeOffset? LastAt(DateTimeOffset now, DateTimeOffset created) =>
        Around(now, created, -8).Where(x => x <= now && x > created).Select(x => (DateTimeOffset?)x).Max();

    public DateTimeOffset NextAt(DateTimeOffset now, DateTimeOffset created) => Around(now, created, 8).Where(x => x > now).Min();

    /// <summary>The planned times around <paramref name="now"/>, for at least so many days forward, or back if negative; for an hourly drill the last
    /// and the next one.</summary>
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
