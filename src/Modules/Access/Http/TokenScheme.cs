namespace Notify.Access.Http;

/// <summary>The authentication scheme of access tokens, registered only if they are accepted. They are recognised by their form: a JWT (RFC 7519)
/// begins with an encoded brace and has two dots.</summary>
public sealed record TokenScheme(string Name)
{
    public static bool IsToken(string authorization) =>
        authorization.StartsWith("Bearer ey", StringComparison.OrdinalIgnoreCase) && authorization.Count(x => x == '.') == 2;
}
