using Notify.Kernel;

namespace Notify.Access.Verifying;

/// <summary>The caller of endpoints that are for people only.</summary>
public static class Caller
{
    /// <exception cref="ProblemException">403: it is an API key.</exception>
    public static string UserOf(AuditContext audit) => audit.Actor.Kind == "user" ? audit.Actor.Id : throw Verification.NoPassword();

    /// <exception cref="ProblemException">403: it is an API key.</exception>
    public static string SessionOf(AuditContext audit) => audit.Session ?? throw Verification.NoPassword();
}
