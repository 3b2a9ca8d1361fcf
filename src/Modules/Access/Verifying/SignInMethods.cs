namespace Notify.Access.Verifying;

/// <summary>How somebody signed in, as events name it.</summary>
public static class SignInMethods
{
    public const string Password = "password";
    public const string PasswordAndCode = "password+code";
    public const string PasswordAndRecoveryCode = "password+recoveryCode";
    public const string Passkey = "passkey";
    public const string Oidc = "oidc";
}
