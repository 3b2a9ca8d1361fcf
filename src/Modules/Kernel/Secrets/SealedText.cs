using System.Security.Cryptography;

namespace Notify.Kernel.Secrets;

/// <summary>
/// A text that is kept sealed until a decision about it, and must then vanish without a trace. Its fingerprint stays on record, and with the key file
/// anybody could test from a bare fingerprint whether it was a given name. Random bytes after the text prevent that, once it is destroyed.
/// </summary>
public static class SealedText
{
    public static string With(string text) => $"{text}\n{RandomNumberGenerator.GetHexString(32, lowercase: true)}";

    /// <param name="opened">As it was sealed.</param>
    public static string Of(string opened) => opened[..opened.LastIndexOf('\n')];
}
