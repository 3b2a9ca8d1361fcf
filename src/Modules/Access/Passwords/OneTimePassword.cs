using System.Security.Cryptography;

namespace Notify.Access.Passwords;

/// <summary>A password for one sign-in, at which the person must choose another one.</summary>
internal static class OneTimePassword
{
    /// <summary>138 random bits, in groups that are easy to read aloud.</summary>
    public static string New() =>
        string.Join('-', Enumerable.Range(0, 7).Select(_ => RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 4)));
}
