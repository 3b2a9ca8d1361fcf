using System.Security.Cryptography;

namespace Notify.Access.ApiKeys;

/// <summary>Keys as they are presented.</summary>
internal static class ApiKeyText
{
    private const string Alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

    /// <summary>Of 256 random bits.</summary>
    public static string New() => "ntf_" + RandomNumberGenerator.GetString(Alphabet, 44);

    /// <summary>Whether it could be a key at all.</summary>
    public static bool IsWellFormed(string key) => key.Length is >= 12 and <= 200 && key.All(x => x is > ' ' and <= '~');
}
