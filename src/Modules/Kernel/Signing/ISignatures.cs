namespace Notify.Kernel.Signing;

/// <summary>An event that may hold a signature.</summary>
public interface ISigned
{
    OwnSignature? Signature { get; }

    /// <summary>Whether the event itself says what was signed; else the event that its stream begins with.</summary>
    bool SignsItself => false;
}

/// <summary>By what somebody signs.</summary>
public enum SignatureMethod
{
    Password,
    Code,
    Oidc,
}

/// <summary>With what somebody signs, as a request holds it.</summary>
/// <param name="Password">Or the code, or the proof.</param>
/// <param name="Code">Of the authenticator app.</param>
/// <param name="Meaning">What the signature means; if given, it must be what the request does.</param>
/// <param name="Method">Which of the three it is; may be left out.</param>
/// <param name="Proof">Of a new sign-in at the identity provider (<c>GET /session/oidc/start?purpose=sign</c>), of who has no password here.</param>
public sealed record SignatureInput(
    string? Password = null, string? Code = null, string? Meaning = null, SignatureMethod? Method = null, string? Proof = null);

/// <summary>Under what somebody is on record.</summary>
/// <param name="Ids">Their own, and those of the keys that they have made.</param>
/// <param name="OwnStreams">Of how they themselves sign in: no doing of theirs that concerns others.</param>
public sealed record ActingPerson(IReadOnlyList<string> Ids, IReadOnlyList<string> OwnStreams);

/// <summary>The modules in which people sign something know it; how they prove who they are is Access's.</summary>
public interface ISignatures
{
    Task<ActingPerson> ActsAsAsync(Actor actor, CancellationToken cancellation);

    /// <param name="input">Null: nothing was sent.</param>
    /// <param name="stream">Of the event that is to hold the signature.</param>
    /// <param name="content">As <see cref="OwnSignature.ContentOfNew"/> gives it.</param>
    /// <exception cref="ProblemException">400: nothing was sent, or it means something else; 403: it is wrong, or a key asks; 429: too many tries.</exception>
    Task<OwnSignature> SignAsync(
        SignatureInput? input, string stream, string content, string meaning, AuditContext audit, CancellationToken cancellation);
}
