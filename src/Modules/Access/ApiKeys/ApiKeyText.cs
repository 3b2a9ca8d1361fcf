using System.Security.Cryptography;

namespace Notify.Access.ApiKeys;

/// <summary>The text of an API key.</summary>
internal static class ApiKeyText
{
    private const string Alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

    /// <summary>A random key with at least 256 bits of entropy.</summary>
    public static string New() => "ntf_" + RandomNumberGenerator.GetString(Alphabet, 44);

    /// <summary>Whether the text has the form of a key, generated or chosen.</summary>
    public static bool IsWellFormed(string key) => key.Length is >= 12 and <= 200 && key.All(x => x is > ' ' and <= '~');
}
