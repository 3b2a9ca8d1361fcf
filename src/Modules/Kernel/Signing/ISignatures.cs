namespace Notify.Kernel.Signing;

/// <summary>An event that may contain a signature.</summary>
public interface ISigned
{
    OwnSignature? Signature { get; }

    /// <summary>Whether the signed content is the event itself; otherwise it is the first event of its stream.</summary>
    bool SignsItself => false;
}

/// <summary>How a person authenticates a signature.</summary>
public enum SignatureMethod
{
    Password,
    Code,
    Oidc,
}

/// <summary>The credentials for a signature in a request.</summary>
/// <param name="Password">The password; one of password, code and proof is needed.</param>
/// <param name="Code">The code of the authenticator app.</param>
/// <param name="Meaning">What the signature means; if given, it must be what the request does.</param>
/// <param name="Method">Which of the three it is; may be omitted.</param>
/// <param name="Proof">The proof of a new sign-in at the identity provider (<c>GET /session/oidc/start?purpose=sign</c>), for people without a
/// password.</param>
public sealed record SignatureInput(
    string? Password = null, string? Code = null, string? Meaning = null, SignatureMethod? Method = null, string? Proof = null);

/// <summary>The identities under which a person is recorded.</summary>
/// <param name="Ids">The person's id, and those of the keys that the person created.</param>
/// <param name="OwnStreams">The streams about the person's own sign-ins, which do not concern others.</param>
public sealed record ActingPerson(IReadOnlyList<string> Ids, IReadOnlyList<string> OwnStreams);

/// <summary>Used by modules in which people sign something; the Access module implements the authentication.</summary>
public interface ISignatures
{
    Task<ActingPerson> ActsAsAsync(Actor actor, CancellationToken cancellation);

    /// <param name="input">Null: nothing was sent.</param>
    /// <param name="stream">The stream of the event that will contain the signature.</param>
    /// <param name="content">As returned by <see cref="OwnSignature.ContentOfNew"/>.</param>
    /// <exception cref="ProblemException">400: missing, or with another meaning; 403: wrong, or sent by a key; 429: too many attempts.</exception>
    Task<OwnSignature> SignAsync(
        SignatureInput? input, string stream, string content, string meaning, AuditContext audit, CancellationToken cancellation);
}
