using JasperFx.Events;
using Notify.Kernel;
using Notify.Kernel.Events;

namespace Notify.Access.Credentials;

/// <summary>A user signed in. Stream <c>session-…</c>, one for each user.</summary>
/// <param name="DisplayName">The user's name at that time.</param>
/// <param name="Method">How the user signed in: <c>password</c>, <c>password+code</c>, <c>password+recoveryCode</c>, <c>passkey</c> or
/// <c>oidc</c>.</param>
/// <param name="Until">When the session ends, however active it is.</param>
public sealed record SessionStarted(string DisplayName, string Session, string Method, DateTimeOffset Until);

/// <summary>A session was ended before its time.</summary>
/// <param name="Why"><c>signedOut</c>; <c>revoked</c>: from another session, or by a manager of people; <c>replaced</c>: by another sign-in in the
/// same browser.</param>
public sealed record SessionEnded(string Session, string Why);

/// <summary>All sessions that the user had at that time were ended.</summary>
/// <param name="DisplayName">The user's name at that time.</param>
/// <param name="Why"><c>revoked</c>, <c>passwordChanged</c>, <c>passwordSet</c>, <c>secondFactorChanged</c> or <c>reset</c>.</param>
/// <param name="Except">The session that continues, since it is the one from which the others were ended; null: none.</param>
public sealed record SessionsEnded(string DisplayName, string Why, string? Except = null);

/// <param name="Address">The address from which it was started.</param>
/// <param name="Client">The <c>User-Agent</c> that started it.</param>
public sealed record OpenSession(string Id, string Method, DateTimeOffset StartedAt, DateTimeOffset Until, string? Address, string? Client);

/// <summary>The sessions of a user that have not been ended, and the addresses from which the user signs in.</summary>
public sealed record OpenSessions(string UserId)
{
    private const int MostAddresses = 50;
    private static readonly TimeSpan addressesLast = TimeSpan.FromDays(90);

    public long Version { get; private init; }

    private IReadOnlyList<OpenSession> All { get; init; } = [];

    private IReadOnlyList<(string Address, DateTimeOffset At)> Addresses { get; init; } = [];

    /// <summary>The sessions that are open at an instant, newest first.</summary>
    public IReadOnlyList<OpenSession> At(DateTimeOffset now) => [.. All.Where(x => now < x.Until).Reverse()];

    /// <returns>Null: it was ended, has expired, or never existed.</returns>
    public OpenSession? Find(string session, DateTimeOffset now) => All.FirstOrDefault(x => x.Id == session && now < x.Until);

    /// <summary>Whether the user has signed in from this address within the last 90 days.</summary>
    public bool Knows(string? address, DateTimeOffset now) => Addresses.Any(x => x.Address == address && now - x.At < addressesLast);

    public OpenSessions Evolve(IEvent e) => With(e) with { Version = e.Version };

    private OpenSessions With(IEvent e) => e.Data switch
    {
        SessionStarted started => Start(started, e),
        SessionEnded ended => this with { All = [.. All.Where(x => x.Id != ended.Session)] },
        SessionsEnded ended => this with { All = [.. All.Where(x => x.Id == ended.Except)] },
        _ => this,
    };

    private OpenSessions Start(SessionStarted started, IEvent e)
    {
        var address = e.Header(AuditContext.SourceIpHeader);
        var session = new OpenSession(
            started.Session, started.Method, e.Timestamp, started.Until, address, e.Header(AuditContext.ClientHeader));
        return this with
        {
            All = [.. All.Where(x => e.Timestamp < x.Until), session],
            Addresses = address is null
                ? Addresses : [.. Addresses.Where(x => x.Address != address).TakeLast(MostAddresses - 1), (address, e.Timestamp)],
        };
    }
}
