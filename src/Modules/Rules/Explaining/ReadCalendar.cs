using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json.Nodes;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using NodaTime;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Rules.Deciding;
using Notify.Rules.Schedules;
using Wolverine;

namespace Notify.Rules.Explaining;

/// <summary><c>GET /schedules/{id}/calendar</c>, and <c>POST /schedules/calendar</c> for a draft: when a schedule is open, and how holidays affect
/// it.</summary>
public sealed class ReadCalendar(
    IQuerySession session, CurrentResources<Schedule, ScheduleSettings> schedules, IMessageBus bus, CurrentSnapshot configuration,
    IConfiguration hostSettings, TimeProvider time)
{
    private const int LongestDays = 2 * 366;
    private static readonly TimeSpan usual = TimeSpan.FromDays(31);

    public sealed record OpenPeriod(DateTimeOffset From, DateTimeOffset To);

    public sealed record PausedPeriod(DateTimeOffset From, DateTimeOffset To, HolidayRef? Holiday);

    /// <param name="Periods">When the schedule is open. Instants in UTC; <c>to</c> is exclusive.</param>
    /// <param name="Paused">When a holiday pauses the schedule, which would otherwise be open.</param>
    /// <param name="Holidays">The periods of all enabled holiday schedules, even if the schedule ignores them; for a holiday schedule its
    /// own.</param>
    public sealed record Calendar(
        string Kind, string TimeZone, DateTimeOffset From, DateTimeOffset To,
        IReadOnlyList<OpenPeriod> Periods, IReadOnlyList<PausedPeriod> Paused, IReadOnlyList<HolidayPeriod> Holidays);

    /// <param name="Schedule">The settings, as a request that saves them would contain them.</param>
    public sealed record Draft([property: Required, ShownAs(typeof(ScheduleSettings))] JsonObject? Schedule, string? From = null, string? To = null);

    /// <summary>The calendar of a stored schedule.</summary>
    /// <param name="from">An instant, or a date in the schedule's time zone; null: now.</param>
    /// <param name="to">As <paramref name="from"/>, where a date is inclusive; at most two years later. Null: 31 days later.</param>
    /// <exception cref="ProblemException">400: the period is invalid; 404: the schedule does not exist.</exception>
    public async Task<Calendar> GetAsync(string id, string? from, string? to, CancellationToken cancellation)
    {
        var schedule = await schedules.FindAsync(session, id, cancellation) ?? throw ProblemException.NotFound("schedule", id);
        var snapshot = await configuration.GetAsync(session, bus, cancellation);
        return Of(id, schedule.Name, schedule.Settings, from, to, snapshot.Holidays, time.GetUtcNow());
    }

    /// <exception cref="ProblemException">400: the draft or the period is invalid.</exception>
    public async Task<Calendar> OfDraftAsync(Draft draft, CancellationToken cancellation)
    {
        var errors = new Errors();
        var zone = TimeZones.Default(hostSettings);
        var settings = ResourceDraft.Read<ScheduleSettings>(
            draft.Schedule, "schedule", (x, faults) => x.WithDefaults(zone).Validate(faults), errors)?.WithDefaults(zone);
        errors.ThrowIfAny();
        var snapshot = await configuration.GetAsync(session, bus, cancellation);
        return Of("draft", "", settings!, draft.From, draft.To, snapshot.Holidays, time.GetUtcNow());
    }

    public static void Map(RouteGroupBuilder schedules)
    {
        schedules.MapGet("/{id}/calendar", async (string id, HttpContext http, ReadCalendar read) =>
        {
            var query = http.Query();
            return await read.GetAsync(id, query.Text("from"), query.Text("to"), http.RequestAborted);
        }).Query("from", "to").Requires(Permission.ConfigurationRead)
            .Document(
                "getScheduleCalendar", "Calendar of a schedule",
                "When the schedule is open, when holidays pause it, and which holidays there are. At most two years; by default the next 31 days.");

        schedules.MapPost("/calendar", async (HttpContext http, ReadCalendar read) =>
            await read.OfDraftAsync(await http.Request.ReadAsync<Draft>(), http.RequestAborted)).Requires(Permission.ConfigurationRead)
            .Document("previewCalendar", "Calendar of a draft schedule", "The calendar of a schedule that is not stored.")
            .Takes<Draft>("""
                { "schedule": { "kind": "holiday", "timeZone": "Asia/Shanghai", "from": "2026-10-01", "to": "2026-10-07" }, "from": "2026-10-01", "to": "2026-10-31" }
                """);
    }

    private static Calendar Of(
        string id, string name, ScheduleSettings settings, string? fromText, string? toText, IReadOnlyList<HolidayCalendar> holidays,
        DateTimeOffset now)
    {
        var zone = TimeZones.Get(settings.TimeZone);
        var errors = new Errors();
        var from = Read("from", fromText, zone, addDays: 0, errors) ?? DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
        var to = Read("to", toText, zone, addDays: 1, errors) ?? from + usual;
        if (!errors.Any && to <= from) errors.Add("to", "The end must be after the beginning.");
        if (!errors.Any && to - from > TimeSpan.FromDays(LongestDays)) errors.Add("to", "A calendar shows at most two years.");
        errors.ThrowIfAny();

        if (settings.Kind == ScheduleSettings.Holiday)
            return new(settings.Kind, settings.TimeZone, from, to, [], [], new HolidayCalendar(id, name, settings).Periods(from, to));
        var periods = new ScheduleCalendar(settings).Periods(from, to, holidays).ToLookup(x => x.PausedBy is null);
        return new(
            settings.Kind, settings.TimeZone, from, to,
            [.. periods[true].Select(x => new OpenPeriod(x.From, x.To))],
            [.. periods[false].Select(x => new PausedPeriod(x.From, x.To, x.PausedBy))],
            [.. holidays.SelectMany(x => x.Periods(from, to)).OrderBy(x => x.From)]);
    }

    /// <summary>Reads an instant or a date. A date means its first moment in the schedule's time zone; as an end it is inclusive.</summary>
    private static DateTimeOffset? Read(string path, string? text, DateTimeZone zone, int addDays, Errors errors)
    {
        if (string.IsNullOrEmpty(text)) return null;
        if (text.Length == 10 && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            if (date.Year is >= 1970 and < 3000) return zone.AtStartOfDay(LocalDate.FromDateOnly(date).PlusDays(addDays)).ToDateTimeOffset()
                .ToUniversalTime();
        }
        else if (Instants.TryParse(text.Replace(' ', '+'), out var instant) && instant.Year is >= 1970 and < 3000) return instant;

        errors.Add(path, "Give an RFC 3339 instant, such as 2026-01-31T08:00:00Z, or a date, such as 2026-01-31, from 1970 to 2999.");
        return null;
    }
}
