using System.Security.Cryptography;

namespace Notify.Kernel.Secrets;

/// <summary>
/// A text that is kept sealed until something is decided about it, and of which nothing may stay afterwards: its fingerprint stays on record, and
/// from that of a name anybody with the key file could tell whether it was a given one. With random bytes behind the text nobody can, once it is
/// destroyed.
/// </summary>
public static class SealedText
{
    public static string With(string text) => $"{text}\n{RandomNumberGenerator.GetHexString(32, lowercase: true)}";

    /// <param name="opened">As it was sealed.</param>
    public static string Of(string opened) => opened[..opened.LastIndexOf('\n')];
}
