using System.Security.Cryptography;

namespace Notify.Kernel.Secrets;

/// <summary>
/// A text that is kept sealed until a decision about it, and then must be destroyed without a trace. Its fingerprint stays recorded, and with the key
/// file one could test a guessed name against it. Random bytes after the text prevent that.
/// </summary>
public static class SealedText
{
    public static string With(string text) => $"{text}\n{RandomNumberGenerator.GetHexString(32, lowercase: true)}";

    /// <param name="opened">The text with its random bytes.</param>
    public static string Of(string opened) => opened[..opened.LastIndexOf('\n')];
}
