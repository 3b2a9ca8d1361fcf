using JasperFx.Events;

namespace Notify.Access.Credentials;

/// <summary>A user's credentials, and the sessions started with them.</summary>
public sealed record Account(Credential Credential, OpenSessions Sessions)
{
    public static Account Of(string userId) => new(new Credential(userId), new OpenSessions(userId));

    public string UserId => Credential.UserId;

    public static string CredentialStream(string userId) => $"credential-{Key(userId)}";

    public static string SessionStream(string userId) => $"session-{Key(userId)}";

    /// <summary>Whether the event belongs to the stream of sessions, and not to that of the credential.</summary>
    public static bool IsOfSessions(object data) => data is SessionStarted or SessionEnded or SessionsEnded;

    /// <param name="e">An event of either stream.</param>
    public Account Evolve(IEvent e) =>
        IsOfSessions(e.Data) ? this with { Sessions = Sessions.Evolve(e) } : this with { Credential = Credential.Evolve(e) };

    private static string Key(string userId) => userId[(userId.IndexOf('-', StringComparison.Ordinal) + 1)..];
}
