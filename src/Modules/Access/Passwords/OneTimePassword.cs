using System.Security.Cryptography;

namespace Notify.Access.Passwords;

/// <summary>A password that somebody is given for one sign-in, at which they choose another one.</summary>
internal static class OneTimePassword
{
    /// <summary>138 random bits, in groups that can be read out.</summary>
    public static string New() =>
        string.Join('-', Enumerable.Range(0, 7).Select(_ => RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 4)));
}
