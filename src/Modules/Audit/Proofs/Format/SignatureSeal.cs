namespace Notify.Audit.Proofs.Format;

/// <summary>
/// The text that the log's key signs to seal a person's signature: everything in the signature except the name, and the leaf of what was signed,
/// which does not change when something in it is erased.
/// </summary>
public static class SignatureSeal
{
    public const string Format = "notify-signature/1";

    public static string TextOf(
        string origin, string stream, string leaf, string content, string signer, string signedAt, string meaning, string method, string hash) =>
        $"{Format}\n{origin}\n{stream}\n{leaf}\n{content}\n{signer}\n{signedAt}\n{meaning}\n{method}\n{hash}\n";
}
