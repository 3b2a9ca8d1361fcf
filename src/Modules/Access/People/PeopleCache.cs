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
/// People, groups, roles and keys, folded from their events: the tables decide neither who is admitted nor what they may do. A change takes effect at
/// once on the node that makes it, and on the others within <see cref="Lifetime"/>; a node that does not find something new reads at once.
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

    /// <param name="Events">The number of events so far; every change adds one.</param>
    /// <param name="Changes">The number of changes made by this node before the read.</param>
    private sealed record Known(PeopleSnapshot People, long Events, DateTimeOffset At, int Changes);

    /// <summary>Whether the three administrators are separated.</summary>
    public bool IsSeparated { get; } = settings.GetValue(AdministratorDomain.Setting, false);

    /// <summary>The state, at most <see cref="Lifetime"/> old.</summary>
    public async ValueTask<PeopleSnapshot> RecentAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return known is { } recent && now >= recent.At && now - recent.At < Lifetime && recent.Changes == Volatile.Read(ref changes)
            ? recent.People : await ReadAsync(now - Lifetime, cancellation);
    }

    /// <summary>The state as it is now. Callers who wait for a read in progress share the next one.</summary>
    public Task<PeopleSnapshot> ReadAsync(CancellationToken cancellation) => ReadAsync(time.GetUtcNow(), cancellation);

    /// <summary>This node has changed something: the cached state is outdated.</summary>
    public void Forget() => Interlocked.Increment(ref changes);

    /// <summary>The state as a session sees it, including its uncommitted changes.</summary>
    public async Task<PeopleSnapshot> WithinAsync(IQuerySession session, CancellationToken cancellation)
    {
        session = ChangeUnderWay.SessionOr(session);
        return new(
            await AllAsync<User, UserSettings>(session, cancellation), await AllAsync<Group, GroupSettings>(session, cancellation),
            await AllAsync<Role, RoleSettings>(session, cancellation), await AllAsync<ApiKey, ApiKeySettings>(session, cancellation),
            IsSeparated);
    }

    public void Dispose() => turn.Dispose();

    /// <summary>Checks that the caller may make a change of people, and that an administrator is left after it.</summary>
    /// <param name="touched">The permissions that the change affects, before and after.</param>
    /// <param name="apply">Applies the change.</param>
    /// <param name="paths">The paths that it affects, before and after.</param>
    /// <exception cref="ProblemException">400: somebody would have permissions of two separated administrators; 403: the caller lacks a permission;
    /// 409: no administrator would be left.</exception>
    internal async Task GuardAsync(
        ResourceChange change, Func<PeopleSnapshot, IEnumerable<Permission>> touched, Func<PeopleSnapshot, PeopleSnapshot> apply,
        params IEnumerable<IReadOnlyList<string>?> paths)
    {
        var now = await WithinAsync(change.Session, change.Cancellation);
        now.Check(apply(now), touched(now), change.Audit.Actor, paths);
    }

    /// <summary>Loads the roles as this session sees them, for <see cref="NamesOfRoles"/>.</summary>
    internal async Task LookUpRolesAsync(IQuerySession session, CancellationToken cancellation)
    {
        var own = await AllAsync<Role, RoleSettings>(ChangeUnderWay.SessionOr(session), cancellation);
        roleNames = BuiltInRoles.All.Concat(own).ToDictionary(x => x.Id, x => x.Name, StringComparer.Ordinal);
    }

    /// <summary>The current names of roles; the id for one that was deleted.</summary>
    internal IReadOnlyList<string> NamesOfRoles(IEnumerable<string> ids)
    {
        var names = roleNames;
        return [.. ids.Select(x => names.GetValueOrDefault(x, x))];
    }

    /// <param name="notBefore">The state is read at this instant or later.</param>
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

    /// <summary>Resolved late, since the classes that describe these resources depend on this one.</summary>
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

    /// <summary>In order of creation. A resource with an unreadable event is left out: it admits nobody.</summary>
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
