using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Alarms.Silences;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Alarms.Silencing;

/// <summary>A silence in the REST API.</summary>
/// <param name="Matchers">Each as text, such as <c>alertname="Down"</c>.</param>
/// <param name="CreatedBy">Its author.</param>
/// <param name="Paths">The paths to which its author is limited; absent: it applies to all alarms.</param>
public sealed record SilenceView(
    string Id, SilenceState State, IReadOnlyList<string> Matchers, DateTimeOffset StartsAt, DateTimeOffset EndsAt, DateTimeOffset UpdatedAt,
    string CreatedBy, string Comment, IReadOnlyList<string>? Paths, long Version)
{
    internal static SilenceView Of(Silence x, DateTimeOffset now) => new(
        x.Id, x.StateAt(now), [.. x.Matchers.Select(m => m.ToString())], x.StartsAt, x.EndsAt, x.UpdatedAt, x.By, x.Reason, x.Paths, x.Version);
}

/// <summary><c>GET /silences</c>: active silences, future ones, and those that ended in the last five days; older ones are in the history.</summary>
public sealed class ReadSilences(NpgsqlDataSource database, EventReader events, TimeProvider time)
{
    private static readonly TimeSpan kept = TimeSpan.FromDays(5);

    public sealed record Answer(IReadOnlyList<SilenceView> Items);

    /// <param name="state">Null: any.</param>
    public async Task<Answer> RunAsync(SilenceState? state, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return new([.. (await ListAsync(cancellation)).Select(x => SilenceView.Of(x, now)).Where(x => state is null || x.State == state)]);
    }

    public static void Map(RouteGroupBuilder silences) =>
        silences.MapGet("", (HttpContext http, ReadSilences read) =>
        {
            var query = http.Query();
            var state = query.OneOf("state", "active", "pending", "expired");
            query.ThrowIfInvalid();
            return read.RunAsync(state is null ? null : Enum.Parse<SilenceState>(state, ignoreCase: true), http.RequestAborted);
        }).Query("state").Requires(Permission.AlarmsRead).KeepsToPaths()
            .Document(
                "listSilences", "List silences",
                "Active and future silences, and those that ended in the last five days; active ones first, then by their end. A silence shelves all "
                + "alarms that match it. Silences are created and changed through Alertmanager's API, /api/v2/silences.");

    /// <summary>The silences that the caller may see: active ones, then future ones, each by their ends; then those that ended, the latest
    /// first.</summary>
    internal async Task<IReadOnlyList<Silence>> ListAsync(CancellationToken cancellation)
    {
        var (now, limit) = (time.GetUtcNow(), PathLimit.Current);
        var (_, silences) = await SilenceTable.ReadAsync(database, events, now - kept, cancellation);
        return
        [
            .. silences.Where(x => x.IsSeenBy(limit)).OrderBy(x => x.StateAt(now))
                .ThenBy(x => x.StateAt(now) == SilenceState.Expired ? -x.EndsAt.UtcTicks : x.EndsAt.UtcTicks),
        ];
    }

    /// <summary>Finds a silence however long ago it ended.</summary>
    /// <exception cref="ProblemException">404: the silence does not exist, or the caller may not see it.</exception>
    internal async Task<Silence> FindAsync(string id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await SilenceTable.FindAsync(connection, events, id, cancellation) is { } silence && silence.IsSeenBy(PathLimit.Current)
            ? silence : throw ProblemException.NotFound("silence", id);
    }
}
