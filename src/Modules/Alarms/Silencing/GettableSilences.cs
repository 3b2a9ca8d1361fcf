using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Alarms.Silences;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Alarms.Silencing;

/// <summary><c>GET /api/v2/silences</c>, <c>GET</c> and <c>DELETE /api/v2/silence/{id}</c>: silences as Alertmanager returns them.</summary>
public sealed class GettableSilences(ReadSilences read, TimeProvider time)
{
    public sealed record GettableSilence(
        string Id, IReadOnlyList<SilenceMatcher> Matchers, DateTimeOffset StartsAt, DateTimeOffset EndsAt, DateTimeOffset UpdatedAt, string CreatedBy,
        string Comment, SilenceStatus Status);

    public sealed record SilenceStatus(SilenceState State);

    /// <param name="filters">Matchers in the syntax of amtool, applied to the silences' own matchers.</param>
    /// <exception cref="ProblemException">400: a filter is invalid.</exception>
    public async Task<IEnumerable<GettableSilence>> ListAsync(IReadOnlyList<string> filters, CancellationToken cancellation)
    {
        var matchers = filters.Where(x => !string.IsNullOrWhiteSpace(x)).Select(Matcher.Parse).ToList();
        return (await read.ListAsync(cancellation)).Where(x => Fits(x, matchers)).Select(Of);
    }

    /// <exception cref="ProblemException">404: the silence does not exist, or the caller may not see it.</exception>
    public async Task<GettableSilence> GetAsync(string id, CancellationToken cancellation) => Of(await read.FindAsync(id, cancellation));

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/silences", (HttpContext http, GettableSilences silences) =>
            silences.ListAsync(http.Query().Texts("filter"), http.RequestAborted))
            .Requires(Permission.AlarmsRead).KeepsToPaths();
        api.MapGet("/silence/{id}", (string id, HttpContext http, GettableSilences silences) => silences.GetAsync(id, http.RequestAborted))
            .Requires(Permission.AlarmsRead).KeepsToPaths();
        api.MapDelete("/silence/{id}", async (string id, HttpContext http, ExpireSilence expire) =>
        {
            await expire.RunAsync(id, http.Audit(), http.RequestAborted);
            return Results.Ok();
        }).Requires(Permission.AlarmsShelve).KeepsToPaths();
    }

    private static bool Fits(Silence silence, List<Matcher> filters)
    {
        var values = silence.Matchers.GroupBy(x => x.Name, StringComparer.Ordinal)
            .ToDictionary(x => x.Key, x => x.Last().Value, StringComparer.Ordinal);
        return filters.TrueForAll(x => (values.ContainsKey(x.Label) || !x.Equal) && x.Matches(values));
    }

    private GettableSilence Of(Silence x) =>
        new(x.Id, x.Matchers, x.StartsAt, x.EndsAt, x.UpdatedAt, x.By, x.Reason, new(x.StateAt(time.GetUtcNow())));
}
