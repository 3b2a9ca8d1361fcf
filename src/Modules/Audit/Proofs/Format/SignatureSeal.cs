namespace Notify.Audit.Proofs.Format;

/// <summary>
/// What the key of the log signs of a person's signature: all that it says but the name, and the leaf of what was signed, which stays the same when
/// something in it is erased.
/// </summary>
public static class SignatureSeal
{
    public const string Format = "notify-signature/1";

    public static string TextOf(
        string origin, string stream, string leaf, string content, string signer, string signedAt, string meaning, string method, string hash) =>
        $"{Format}\n{origin}\n{stream}\n{leaf}\n{content}\n{signer}\n{signedAt}\n{meaning}\n{method}\n{hash}\n";
}
