using System.Globalization;
using CsCheck;
using NodaTime;
using Notify.Kernel;
using Notify.Rules.Schedules;
using Period = Notify.Rules.Schedules.Period;

namespace Notify.Rules.Tests;

/// <summary>Schedules against the plainest possible model: read the wall clock of every minute, or second, and look it up.</summary>
public class ScheduleModelTests
{
    private static readonly string[] zones =
    [
        "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "America/Sao_Paulo",
        "Asia/Kathmandu", "UTC",
    ];

    private static readonly long firstSecond = DateTimeOffset.Parse("2009-01-01T00:00:00Z", CultureInfo.InvariantCulture).ToUnixTimeSeconds();
    private static readonly long lastSecond = DateTimeOffset.Parse("2029-01-01T00:00:00Z", CultureInfo.InvariantCulture).ToUnixTimeSeconds();

    private static readonly Gen<string> zoneId = Gen.Int[0, zones.Length - 1].Select(i => zones[i]);

    /// <summary>Instants of clock changes are where mistakes live, so half of all samples are within a day of one.</summary>
    private static Gen<long> InstantIn(string zone)
    {
        var changes = TimeZones.Get(zone).GetZoneIntervals(Instant.FromUnixTimeSeconds(firstSecond), Instant.FromUnixTimeSeconds(lastSecond))
            .Where(x => x.HasEnd).Select(x => x.End.ToUnixTimeSeconds()).ToArray();
        var anywhere = Gen.Long[firstSecond, lastSecond];
        if (changes.Length == 0) return anywhere;
        return Gen.OneOf(anywhere, Gen.Select(
            Gen.Int[0, changes.Length - 1].Select(i => changes[i]), Gen.Long[-90_000, 90_000], (change, away) => change + away));
    }

    /// <summary>Written in any order.</summary>
    private static readonly Gen<IReadOnlyList<Period>> day = Gen.Int[0, 86_399].Array[0, 6].SelectMany(seconds =>
    {
        // Distinct times in order, taken two by two, never overlap.
        var times = seconds.Distinct().Order()
            .Select(x => TimeOnly.MinValue.Add(TimeSpan.FromSeconds(x)).ToString("HH:mm:ss", CultureInfo.InvariantCulture)).ToArray();
        Period[] periods = [.. times.Chunk(2).Where(x => x.Length == 2).Select(x => new Period(x[0], x[1]))];
        return Gen.Shuffle(periods).Select(x => (IReadOnlyList<Period>)x);
    });

    private static Gen<ScheduleSettings> StandardNear(string zone, long instant) =>
        Gen.Select(day.Array[7], Gen.Enum<HolidayRule>(), Gen.Int[-20, 40], Gen.Bool, Gen.Bool, (days, holidays, length, hasStart, hasEnd) =>
            new ScheduleSettings
            {
                TimeZone = zone,
                IgnoreHolidays = holidays == HolidayRule.Paused,
                Holidays = holidays == HolidayRule.Only ? holidays : null,
                Weekly = new()
                {
                    Monday = days[0],
                    Tuesday = days[1],
                    Wednesday = days[2],
                    Thursday = days[3],
                    Friday = days[4],
                    Saturday = days[5],
                    Sunday = days[6],
                },
                Start = hasStart ? Date(instant, -5) : null,
                End = hasEnd ? Date(instant, -5 + Math.Max(0, length)) : null,
            });

    private static Gen<ScheduleSettings> HolidayNear(long instant) =>
        Gen.Select(zoneId, Gen.Int[-6, 3], Gen.Int[0, 7], Gen.Select(Gen.Int[-8, 12], Gen.Int[-1, 6]).Array[0, 3], (zone, from, length, worked) =>
            new ScheduleSettings
            {
                Kind = ScheduleSettings.Holiday,
                TimeZone = zone,
                From = Date(instant, from),
                To = Date(instant, from + length),
                WorkedDays = [.. worked.DistinctBy(x => x.Item1)
            .Select(x => new WorkedDay(Date(instant, x.Item1), x.Item2 < 0 ? null : (Weekday)x.Item2))],
            });

    private static readonly Gen<(long Instant, ScheduleSettings Standard, ScheduleSettings[] Holidays)> cases =
        from zone in zoneId
        from instant in InstantIn(zone)
        from standard in StandardNear(zone, instant)
        from holidays in HolidayNear(instant).Array[0, 3]
        select (instant, standard, holidays);

    private static string Date(long instant, int daysLater) =>
        DateTimeOffset.FromUnixTimeSeconds(instant).AddDays(daysLater).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static HolidayCalendar[] Compile(ScheduleSettings[] holidays) =>
        [.. holidays.Select((x, i) => new HolidayCalendar($"h{i}", $"Holiday {i}", x))];

    /// <summary>The model: null when closed by the schedule itself, else "open" or the holiday's id.</summary>
    private static string? Model(ScheduleSettings standard, ScheduleSettings[] holidays, long second)
    {
        var instant = Instant.FromUnixTimeSeconds(second);
        var local = instant.InZone(DateTimeZoneProviders.Tzdb[standard.TimeZone]).LocalDateTime;
        var date = local.Date.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture);
        if (string.CompareOrdinal(date, standard.Start ?? "0") < 0 || string.CompareOrdinal(date, standard.End ?? "9") > 0) return null;

        var weekday = (Weekday?)null;
        var pausedBy = (string?)null;
        var only = standard.Holidays == HolidayRule.Only;
        for (var i = 0; (standard.IgnoreHolidays || only) && i < holidays.Length; i++)
        {
            var there = instant.InZone(DateTimeZoneProviders.Tzdb[holidays[i].TimeZone]).Date.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture);
            var worked = holidays[i].WorkedDays!.FirstOrDefault(x => x.Date == there);
            if (worked is not null) weekday ??= worked.As;
            else if (string.CompareOrdinal(there, holidays[i].From) >= 0 && string.CompareOrdinal(there, holidays[i].To) <= 0) pausedBy ??= $"h{i}";
        }

        if (only && pausedBy is null) return null;
        if (only) pausedBy = null;
        var time = local.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        var periods = standard.Weekly![weekday ?? (Weekday)((int)local.DayOfWeek - 1)];
        return periods.Any(x => string.CompareOrdinal(time, x.From) >= 0 && string.CompareOrdinal(time, x.To) <= 0) ? pausedBy ?? "open" : null;
    }

    private static string? Answer(ScheduleState state) => state.Open ? "open" : state.PausedBy?.Id;

    [Fact]
    public void at_any_instant_a_schedule_says_what_the_model_says() => cases.Sample(x =>
    {
        var state = new ScheduleCalendar(x.Standard).Evaluate(DateTimeOffset.FromUnixTimeSeconds(x.Instant), Compile(x.Holidays));

        return Answer(state) == Model(x.Standard, x.Holidays, x.Instant);
    }, iter: 10_000);

    [Fact]
    public void the_calendar_is_the_model_minute_by_minute_and_exact_at_its_edges() => cases.Sample(x =>
    {
        var (from, to) = (x.Instant - 130_000, x.Instant + 130_000);
        var periods = new ScheduleCalendar(x.Standard)
            .Periods(DateTimeOffset.FromUnixTimeSeconds(from), DateTimeOffset.FromUnixTimeSeconds(to), Compile(x.Holidays))
            .Select(p => (From: p.From.ToUnixTimeSeconds(), To: p.To.ToUnixTimeSeconds(), Answer: p.PausedBy?.Id ?? "open")).ToArray();
        string? Shown(long second) => periods.Where(p => p.From <= second && second < p.To).Select(p => p.Answer).SingleOrDefault();

        for (var second = from; second < to; second += 60)
            if (Shown(second) != Model(x.Standard, x.Holidays, second)) return false;
        foreach (var edge in periods.SelectMany(p => (long[])[p.From - 1, p.From, p.To - 1, p.To]).Where(s => s >= from && s < to))
            if (Shown(edge) != Model(x.Standard, x.Holidays, edge)) return false;
        return true;
    }, iter: 100);

    [Fact]
    public void the_next_change_is_the_first_second_at_which_the_state_differs() => cases.Sample(x =>
    {
        var (calendar, holidays) = (new ScheduleCalendar(x.Standard), Compile(x.Holidays));
        bool IsOpen(long second) => calendar.Evaluate(DateTimeOffset.FromUnixTimeSeconds(second), holidays).Open;
        var horizon = x.Instant + (10 * 86_400);
        var next = calendar.NextChange(DateTimeOffset.FromUnixTimeSeconds(x.Instant), holidays)?.ToUnixTimeSeconds() ?? long.MaxValue;

        for (var second = x.Instant; second < Math.Min(next, horizon); second += 97)
            if (IsOpen(second) != IsOpen(x.Instant)) return false;
        return next == long.MaxValue || (IsOpen(next) != IsOpen(x.Instant) && IsOpen(next - 1) == IsOpen(x.Instant));
    }, iter: 300);

    [Theory]
    [InlineData("Asia/Shanghai", 2024)]
    [InlineData("Europe/Berlin", 2024)]
    [InlineData("America/New_York", 2024)]
    [InlineData("Australia/Lord_Howe", 2024)]
    [InlineData("Africa/Casablanca", 2018)]
    [InlineData("Pacific/Apia", 2010)]
    public void three_years_of_open_minutes_are_those_of_the_model(string zone, int year)
    {
        var (from, to) = (new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(year + 3, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var settings = new ScheduleSettings
        {
            TimeZone = zone,
            Weekly = WeeklyPeriods.EveryDay(new("00:30:00", "01:44:59"), new("02:10:00", "02:19:59"), new("23:00:00", "23:59:59")),
        };

        var open = new ScheduleCalendar(settings).Periods(from, to, []).SelectMany(x => MinutesOf(x.From, x.To)).ToHashSet();

        var tz = DateTimeZoneProviders.Tzdb[zone];
        var expected = MinutesOf(from, to).Where(minute =>
        {
            var time = Instant.FromUnixTimeSeconds(minute).InZone(tz).TimeOfDay;
            var clock = (time.Hour * 100) + time.Minute;
            return clock is (>= 30 and < 60) or (>= 100 and < 145) or (>= 210 and < 220) or >= 2300;
        });
        open.SetEquals(expected).Should().BeTrue();

        static IEnumerable<long> MinutesOf(DateTimeOffset from, DateTimeOffset to)
        {
            for (var at = from.ToUnixTimeSeconds(); at < to.ToUnixTimeSeconds(); at += 60) yield return at;
        }
    }
}
