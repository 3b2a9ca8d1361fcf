using Marten;
using Marten.Events.Aggregation;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Npgsql;

namespace Notify.Access.People;

/// <summary>
/// People, groups, roles and keys as their events say: the tables decide neither who is admitted, nor what they may do, nor their names. A change
/// counts at once on the node that makes it, and where something new was looked for and not found; on every other node within <see cref="Lifetime"/>.
/// </summary>
public sealed class PeopleCache(
    NpgsqlDataSource database, EventCatalog catalog, ResourceProjection<User, UserSettings> users, ResourceProjection<Group, GroupSettings> groups,
    ResourceProjection<Role, RoleSettings> roles, ResourceProjection<ApiKey, ApiKeySettings> keys,
    IServiceProvider services, IConfiguration settings, TimeProvider time,
    ILogger<PeopleCache> logger) : IDisposable
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    private static readonly string[] kinds = ["user", "group", "role", "apikey"];

    private readonly SemaphoreSlim turn = new(1, 1);
    private volatile Known known = new(PeopleSnapshot.Empty, -1, DateTimeOffset.MinValue, 0);
    private int changes;
    private volatile IReadOnlyDictionary<string, string> roleNames = BuiltInRoles.All.ToDictionary(x => x.Id, x => x.Name, StringComparer.Ordinal);

    /// <param name="Events">How many there were; one more for every change.</param>
    /// <param name="Changes">How many this node had made before it looked.</param>
    private sealed record Known(PeopleSnapshot People, long Events, DateTimeOffset At, int Changes);

    /// <summary>Whether nobody does the work of two administrators.</summary>
    public bool IsSeparated { get; } = settings.GetValue(AdministratorDomain.Setting, false);

    /// <summary>As it was at most <see cref="Lifetime"/> ago.</summary>
    public async ValueTask<PeopleSnapshot> RecentAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return known is { } recent && now >= recent.At && now - recent.At < Lifetime && recent.Changes == Volatile.Read(ref changes)
            ? recent.People : await ReadAsync(now - Lifetime, cancellation);
    }

    /// <summary>As it is now: who waits while another looks shares the next look.</summary>
    public Task<PeopleSnapshot> ReadAsync(CancellationToken cancellation) => ReadAsync(time.GetUtcNow(), cancellation);

    /// <summary>This node has just changed something: what is known is from before it.</summary>
    public void Forget() => Interlocked.Increment(ref changes);

    /// <summary>As a session sees it, with what it has changed and not committed.</summary>
    public async Task<PeopleSnapshot> WithinAsync(IQuerySession session, CancellationToken cancellation)
    {
        session = ChangeUnderWay.SessionOr(session);
        return new(
            await AllAsync<User, UserSettings>(session, cancellation), await AllAsync<Group, GroupSettings>(session, cancellation),
            await AllAsync<Role, RoleSettings>(session, cancellation), await AllAsync<ApiKey, ApiKeySettings>(session, cancellation),
            IsSeparated);
    }

    public void Dispose() => turn.Dispose();

    /// <summary>Whether the caller may make a change of people, and an administrator is left after it.</summary>
    /// <param name="touched">The permissions that it is about, before and after.</param>
    /// <param name="apply">What it makes of all people.</param>
    /// <param name="paths">The paths that it is about, before and after.</param>
    /// <exception cref="ProblemException">400: administrators are separated, and somebody would be two of them; 403 or 409.</exception>
    internal async Task GuardAsync(
        ResourceChange change, Func<PeopleSnapshot, IEnumerable<Permission>> touched, Func<PeopleSnapshot, PeopleSnapshot> apply,
        params IEnumerable<IReadOnlyList<string>?> paths)
    {
        var now = await WithinAsync(change.Session, change.Cancellation);
        now.Check(apply(now), touched(now), change.Audit.Actor, paths);
    }

    /// <summary>Makes <see cref="NamesOfRoles"/> know everything that this session sees.</summary>
    internal async Task LookUpRolesAsync(IQuerySession session, CancellationToken cancellation)
    {
        var own = await AllAsync<Role, RoleSettings>(ChangeUnderWay.SessionOr(session), cancellation);
        roleNames = BuiltInRoles.All.Concat(own).ToDictionary(x => x.Id, x => x.Name, StringComparer.Ordinal);
    }

    /// <summary>The names by which roles are shown today; of a role that is gone, its id.</summary>
    internal IReadOnlyList<string> NamesOfRoles(IEnumerable<string> ids)
    {
        var names = roleNames;
        return [.. ids.Select(x => names.GetValueOrDefault(x, x))];
    }

    /// <param name="notBefore">As of this instant or later.</param>
    internal async Task<PeopleSnapshot> ReadAsync(DateTimeOffset notBefore, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            var (now, made) = (time.GetUtcNow(), Volatile.Read(ref changes));
            // Setting the clock back does not make cached data newer.
            if (known.At >= notBefore && known.At <= now && known.Changes == made) return known.People;
            var count = await StoredEvents.CountOfKindsAsync(database, kinds, cancellation);
            known = count == known.Events
                ? known with { At = now, Changes = made } : new Known(await LoadAsync(cancellation), count, now, made);
            return known.People;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Resolved late: the classes that show these resources look people up here.</summary>
    private Task<IReadOnlyList<TResource>> AllAsync<TResource, TSettings>(IQuerySession session, CancellationToken cancellation)
        where TResource : Resource<TSettings>, new()
        where TSettings : class =>
        services.GetRequiredService<CurrentResources<TResource, TSettings>>().AllAsync(session, cancellation);

    private async Task<PeopleSnapshot> LoadAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return new(
            await FoldAsync(connection, "user", users, cancellation), await FoldAsync(connection, "group", groups, cancellation),
            await FoldAsync(connection, "role", roles, cancellation), await FoldAsync(connection, "apikey", keys, cancellation), IsSeparated);
    }

    /// <summary>In the order in which they came about. One with an event that cannot be read is none: with it nobody comes in.</summary>
    private async Task<List<T>> FoldAsync<T>(
        NpgsqlConnection connection, string noun, SingleStreamProjection<T, string> projection, CancellationToken cancellation)
        where T : class
    {
        var states = new OrderedDictionary<string, T?>(StringComparer.Ordinal);
        foreach (var (id, e) in await EventRecord.OfKindAsync(connection, noun, catalog, logger, cancellation))
        {
            var state = states.GetValueOrDefault(id);
            states[id] = e is not null && (e.Version == 1 || state is not null) ? projection.Evolve(state, id, e) : null;
        }

        return [.. states.Values.OfType<T>()];
    }
}
