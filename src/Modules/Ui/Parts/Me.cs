using Notify.Ui.Api;

namespace Notify.Ui.Parts;

/// <summary>The parts of the answer of <c>GET /session</c> that pages need.</summary>
public sealed record Me(
    string Id, string Name, string? UserName, IReadOnlyList<string> Roles, IReadOnlyList<string> Permissions, IReadOnlyList<string> Paths,
    string? Duty, bool HasSecondFactor, int Passkeys, Me.OpenSession? Session)
{
    public sealed record OpenSession(string Id, string Authentication, DateTimeOffset StartedAt, DateTimeOffset IdleEnd, DateTimeOffset End);
}

public static class MeExtensions
{
    /// <param name="me">Null: nobody has signed in, and nothing is permitted.</param>
    public static bool May(this Me? me, string permission) => me?.Permissions.Contains(permission, StringComparer.Ordinal) == true;
}
