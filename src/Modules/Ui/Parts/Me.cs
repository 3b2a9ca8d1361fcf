using Notify.Ui.Api;

namespace Notify.Ui.Parts;

/// <summary>The answer of <c>GET /session</c>, as far as pages need it.</summary>
public sealed record Me(
    string Id, string Name, string? UserName, IReadOnlyList<string> Roles, IReadOnlyList<string> Permissions, IReadOnlyList<string> Paths,
    string? Duty, bool HasSecondFactor, int Passkeys, Me.OpenSession? Session)
{
    public sealed record OpenSession(string Id, string Authentication, DateTimeOffset StartedAt, DateTimeOffset IdleEnd, DateTimeOffset End);
}

public static class MeExtensions
{
    /// <param name="me">Null: nobody is known to have signed in, who may do nothing.</param>
    public static bool May(this Me? me, string permission) => me?.Permissions.Contains(permission, StringComparer.Ordinal) == true;
}
