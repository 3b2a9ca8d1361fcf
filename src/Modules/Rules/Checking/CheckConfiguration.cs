using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Rules.Deciding;
using Wolverine;

namespace Notify.Rules.Checking;

/// <summary><c>GET /configuration/check</c>: what of the whole configuration cannot work, and when nobody would be notified.</summary>
public sealed class CheckConfiguration(IQuerySession session, IMessageBus bus, CurrentSnapshot configuration, TimeProvider time)
{
    /// <summary>A week, and the next one: a holiday in between is seen in time.</summary>
    public const int UsualDays = 14;

    public const int MostDays = 366;

    private const int MostFindings = 1000;

    /// <param name="Days">How far ahead the calendar is looked at.</param>
    /// <param name="Path">A pattern; null: every path that a rule names, and everything.</param>
    /// <param name="Level">Null: each.</param>
    public sealed record Request(int Days = UsualDays, string? Path = null, AlarmLevel? Level = null);

    /// <param name="FindingCount">Of which <paramref name="Findings"/> has the first thousand.</param>
    /// <param name="PathCount">How many paths rules name; <paramref name="Coverage"/> is about at most two hundred of them.</param>
    public sealed record Answer(
        DateTimeOffset At, long ConfigurationVersion, int FindingCount, IReadOnlyList<CheckFinding> Findings, DateTimeOffset From, DateTimeOffset To,
        int PathCount, IReadOnlyList<PathCoverage> Coverage);

    public async Task<Answer> RunAsync(Request request, CancellationToken cancellation)
    {
        var snapshot = await configuration.GetAsync(session, bus, cancellation);
        var now = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        var to = now.AddDays(request.Days);
        var findings = new ConfigurationCheck(snapshot, now).Run();
        var coverage = new Coverage(snapshot, now, to);
        var paths = request.Path is { } one ? [one] : coverage.PathsOfRules();
        var levels = request.Level is { } level ? [level] : Enum.GetValues<AlarmLevel>();
        return new(
            now, snapshot.ConfigurationVersion, findings.Count, [.. findings.Take(MostFindings)], now, to, paths.Count,
            [.. paths.Take(Coverage.MostPaths).SelectMany(x => coverage.Of(x, levels))]);
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/configuration/check", async (HttpContext http, CheckConfiguration check) =>
        {
            var query = http.Query();
            var request = new Request(query.Number("days", UsualDays, 1, MostDays), query.Text("path"), query.OneOf<AlarmLevel>("level"));
            if (request.Path is not null && PathPattern.FaultOf(request.Path) is { } fault) query.Fault("path", fault);
            query.ThrowIfInvalid();
            return await check.RunAsync(request, http.RequestAborted);
        })
            .Query(
                QueryParameter.Number("days", 1, MostDays, UsualDays) with { Description = "How far ahead the calendar is proven." },
                QueryParameter.FromString("path") with { Description = "A pattern, such as Site1/**; by default each path that a rule names." },
                QueryParameter.OneOf<AlarmLevel>("level"))
            .WithTags("configuration").Requires(Permission.ConfigurationRead)
            .Document(
                "checkConfiguration", "Check the whole configuration",
                "Actions that notify nobody, people without an address, services that are disabled and used, schedules that never open, rules that no alarm "
                + "can meet; and for each path and level whether somebody is notified at any time, or when nobody is.");
}
