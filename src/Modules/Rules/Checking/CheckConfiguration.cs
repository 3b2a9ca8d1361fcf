using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Rules.Deciding;
using Notify.Rules.Drills;
using Wolverine;

namespace Notify.Rules.Checking;

/// <summary><c>GET /configuration/check</c>: finds parts of the configuration that cannot work, and times at which nobody would be
/// notified.</summary>
public sealed class CheckConfiguration(
    IQuerySession session, IMessageBus bus, CurrentSnapshot configuration, CurrentResources<Drill, DrillSettings> drills, TimeProvider time)
{
    /// <summary>Two weeks, so that a holiday next week is found in time.</summary>
    public const int UsualDays = 14;

    public const int MostDays = 366;

    private const int MostFindings = 1000;

    /// <param name="Days">How many days of the calendar are checked, from now; 1 to 366.</param>
    /// <param name="Path">A path pattern; null: all paths (<c>**</c>), and each that a rule names.</param>
    /// <param name="Level">Null: every level.</param>
    public sealed record Request(int Days = UsualDays, string? Path = null, AlarmLevel? Level = null);

    /// <param name="FindingCount">The total; <paramref name="Findings"/> has at most the first 1,000.</param>
    /// <param name="ErrorCount">How many of all findings are errors.</param>
    /// <param name="WarningCount">How many of all findings are warnings.</param>
    /// <param name="PathCount">The number of paths to check; <paramref name="Coverage"/> has at most the first 200 of them.</param>
    public sealed record Answer(
        DateTimeOffset At, long ConfigurationVersion, int FindingCount, int ErrorCount, int WarningCount, IReadOnlyList<CheckFinding> Findings,
        DateTimeOffset From, DateTimeOffset To, int PathCount, IReadOnlyList<PathCoverage> Coverage);

    public async Task<Answer> RunAsync(Request request, CancellationToken cancellation)
    {
        var snapshot = await configuration.GetAsync(session, bus, cancellation);
        var now = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        var to = now.AddDays(request.Days);
        List<Configured<DrillSettings>> configured = [.. (await drills.AllAsync(session, cancellation)).Select(Configured.Of)];
        var findings = new ConfigurationCheck(snapshot, configured, now).Run();
        var coverage = new Coverage(snapshot, now, to);
        var paths = request.Path is { } one ? [one] : coverage.PathsOfRules();
        var levels = request.Level is { } level ? [level] : Enum.GetValues<AlarmLevel>();
        return new(
            now, snapshot.ConfigurationVersion, findings.Count, findings.Count(x => x.Severity == CheckSeverity.Error),
            findings.Count(x => x.Severity == CheckSeverity.Warning), [.. findings.Take(MostFindings)], now, to, paths.Count,
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
                QueryParameter.Number("days", 1, MostDays, UsualDays) with { Description = "How many days of the calendar are checked, from now." },
                QueryParameter.FromString("path") with { Description = "A path pattern, such as Site1/**; by default each path that a rule names." },
                QueryParameter.OneOf<AlarmLevel>("level"))
            .WithTags("configuration").Requires(Permission.ConfigurationRead)
            .Document(
                "checkConfiguration", "Check the whole configuration",
                "Finds actions that notify nobody, people without an address, disabled services in use, schedules that never open, rules that no "
                + "alarm can match and services that no drill proves. For each path and level it says whether somebody is notified at any time, and lists the times when nobody is.");
}
