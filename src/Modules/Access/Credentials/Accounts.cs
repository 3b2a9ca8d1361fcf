using System.Collections.Concurrent;
using Marten;
using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Access.Credentials;

/// <summary>Reads accounts from their events. While a user is active, a node reads the new events at most once in <see cref="Lifetime"/>: that is how
/// long the end of a session may take to be seen by other nodes. Requests write nothing.</summary>
public sealed class Accounts(
    NpgsqlDataSource database, IDocumentStore store, EventCatalog catalog, EventBatches batches, TimeProvider time, ILogger<Accounts> logger)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(3);

    private const int MostKnown = 10_000;
    private const int MostTries = 5;

    private readonly ConcurrentDictionary<string, Known> known = new(StringComparer.Ordinal);

    /// <param name="Account">Null: an event was changed in the database and cannot be read, so the user cannot sign in.</param>
    private sealed record Known(Account? Account, DateTimeOffset At);

    /// <summary>The account, at most <see cref="Lifetime"/> old.</summary>
    /// <returns>Null: an event was changed in the database and cannot be read, so nobody can sign in.</returns>
    public async Task<Account?> FindAsync(string userId, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        // Setting the clock back does not make cached data newer.
        return known.TryGetValue(userId, out var found) && found.At <= now && now - found.At < Lifetime
            ? found.Account : await ReadAsync(userId, cancellation);
    }

    /// <summary>The account as it is now.</summary>
    /// <inheritdoc cref="FindAsync"/>
    public async Task<Account?> ReadAsync(string userId, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var account = known.GetValueOrDefault(userId)?.Account ?? Account.Of(userId);
        var events = await EventRecord.AfterAsync(
            database, [Account.CredentialStream(userId), Account.SessionStream(userId)], [account.Credential.Version, account.Sessions.Version],
            catalog, logger, cancellation);
        var read = events.Aggregate((Account?)account, (x, e) => e.Event is null ? null : x?.Evolve(e.Event));
        if (known.Count >= MostKnown) known.Clear();
        known[userId] = new Known(read, now);
        return read;
    }

    /// <summary>The credentials of all users, to check what must be unique.</summary>
    public async Task<IReadOnlyList<Credential>> AllCredentialsAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await AllCredentialsAsync(connection, cancellation);
    }

    /// <summary>The credentials of all users, as this connection sees them.</summary>
    public async Task<IReadOnlyList<Credential>> AllCredentialsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var all = new Dictionary<string, Credential>(StringComparer.Ordinal);
        foreach (var (stream, e) in await EventRecord.OfKindAsync(connection, "credential", catalog, logger, cancellation))
        {
            if (e is null) continue;
            var userId = $"user-{stream["credential-".Length..]}";
            all[userId] = all.GetValueOrDefault(userId, new Credential(userId)).Evolve(e);
        }

        return [.. all.Values];
    }

    /// <summary>Decides about the current account and records the events; if the account was changed meanwhile, decides again.</summary>
    /// <param name="decide">Returns the events, of both streams, in order. It may seal secrets in the session.</param>
    /// <param name="pass">Called first in the same transaction; returns the context in which the events are recorded. Null: the context of the
    /// request.</param>
    /// <returns>The account before.</returns>
    /// <exception cref="ProblemException">What <paramref name="decide"/> throws; 409: every attempt met a concurrent change.</exception>
    public async Task<Account> ChangeAsync(
        string userId, Func<Account, IDocumentSession, IReadOnlyList<object>> decide, AuditContext audit, CancellationToken cancellation,
        Func<Account, IDocumentSession, Task<AuditContext>>? pass = null)
    {
        for (var i = 0; i < MostTries; i++)
        {
            var account = await ReadAsync(userId, cancellation) ?? throw Damaged();
            await using var session = store.LightweightSession();
            if (pass is not null) await session.BeginTransactionAsync(cancellation);
            var recorded = pass is null ? audit : await pass(account, session);
            var decided = decide(account, session);
            if (decided.Count == 0) return account;
            var events = batches.New();
            var (credential, sessions) = (account.Credential.Version, account.Sessions.Version);
            foreach (var data in decided)
            {
                if (Account.IsOfSessions(data)) events.Append(Account.SessionStream(userId), ++sessions, data, recorded);
                else events.Append(Account.CredentialStream(userId), ++credential, data, recorded);
            }

            events.QueueTo(session);
            try
            {
                await session.SaveChangesAsync(cancellation);
                known[userId] = new Known(account, DateTimeOffset.MinValue);
                return account;
            }
            catch (Exception e) when (WriteConflict.Is(e))
            {
                // Decided again.
            }
        }

        throw ProblemException.Conflict("The account was changed at the same time. Try again.");
    }

    public static ProblemException Damaged() => ProblemException.Conflict(
        "The record of this account was changed in the database and is not used. POST /api/v1/audit/verify says where; restore it from a backup.");
}
