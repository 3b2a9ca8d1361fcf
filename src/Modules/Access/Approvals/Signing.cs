using System.Text.Json;
using Notify.Access.Credentials;
using Notify.Access.People;
using Notify.Access.Verifying;
using Notify.Contracts.Audit;
using Notify.Kernel;
using Notify.Kernel.Secrets;
using Notify.Kernel.Signing;
using Wolverine;

namespace Notify.Access.Approvals;

/// <summary>Signatures: people sign with the credentials with which they sign in; API keys cannot sign.</summary>
public sealed class Signing(
    Verification verification, ProviderProofs proofs, PeopleCache people, IMessageBus bus, MasterKey key, TimeProvider time) : ISignatures
{
    private const int LongestProof = 4000;

    /// <summary>Signs a proposal, which is in the history already: the signature is sealed together with its leaf.</summary>
    /// <param name="input">Null: nothing was sent.</param>
    /// <exception cref="ProblemException">400: nothing was sent, or with another meaning; 403: the credentials are wrong, or the caller is an API
    /// key; 429: too many attempts.</exception>
    public async Task<Signature> SignProposalAsync(
        SignatureInput? input, string proposal, string content, string meaning, AuditContext audit, CancellationToken cancellation)
    {
        var (at, method) = await VerifyAsync(input, proposal, meaning, audit, cancellation);
        var signature = new Signature(audit.Actor.Id, audit.Actor.Name, at, meaning, method, content, Hash: "", Leaf: "", Seal: "");
        signature = signature with { Hash = SignedContent.HashOf(signature, proposal) };
        var signed = await bus.InvokeAsync<SignatureSealed>(
            new SealSignature(proposal, signature.Hash, content, signature.Signer, SignedContent.TextOf(at), meaning, method), cancellation);
        return signature with { Leaf = signed.Leaf, Seal = signed.Seal };
    }

    /// <inheritdoc/>
    public async Task<ActingPerson> ActsAsAsync(Actor actor, CancellationToken cancellation)
    {
        var keys = (await people.ReadAsync(cancellation)).Keys;
        var ids = new HashSet<string>([actor.Id], StringComparer.Ordinal);
        // A key may have created or rotated further keys.
        while (keys.Any(x => x.WasGivenTo(ids) && ids.Add(x.Id)))
        {
        }

        return new([.. ids], actor.Kind == "user" ? [Account.CredentialStream(actor.Id), Account.SessionStream(actor.Id)] : []);
    }

    /// <inheritdoc/>
    public async Task<OwnSignature> SignAsync(
        SignatureInput? input, string stream, string content, string meaning, AuditContext audit, CancellationToken cancellation)
    {
        var (at, method) = await VerifyAsync(input, stream, meaning, audit, cancellation);
        return OwnSignature.Of(key, stream, content, audit.Actor, at, meaning, method);
    }

    private async Task<(DateTimeOffset At, string Method)> VerifyAsync(
        SignatureInput? input, string stream, string meaning, AuditContext audit, CancellationToken cancellation)
    {
        if (input is null) throw ProblemException.Invalid(
            "signature",
            "A signature is required: your password, a code of your authenticator app, or the proof of a new sign-in at the identity provider.");
        if (input.Meaning is not null && input.Meaning != meaning) throw ProblemException.Invalid("signature", $"The meaning of this signature is {meaning}.");
        if (audit.Actor.Kind != "user") throw new ProblemException(
            403, "Not allowed.", "A signature is a person's: sign in, and sign with your password or a code.");
        var method = MethodOf(input);
        if (method == SignatureMethod.Oidc) await proofs.UseAsync(input.Proof!, ProviderProofs.Purpose.Of(stream, meaning), audit, cancellation);
        else await verification.VerifyAgainAsync(
            audit.Actor.Id, method == SignatureMethod.Password ? input.Password : null, method == SignatureMethod.Code ? input.Code : null, audit,
            cancellation);
        return (Instants.Cut(time.GetUtcNow()), JsonNamingPolicy.CamelCase.ConvertName(method.ToString()));
    }

    /// <exception cref="ProblemException">400: what the method needs is missing, or a proof comes with something else.</exception>
    private static SignatureMethod MethodOf(SignatureInput input)
    {
        var hasProof = !string.IsNullOrEmpty(input.Proof);
        var method = input.Method
            ?? (hasProof ? SignatureMethod.Oidc : string.IsNullOrEmpty(input.Password) ? SignatureMethod.Code : SignatureMethod.Password);
        if (hasProof && (!string.IsNullOrEmpty(input.Password) || !string.IsNullOrEmpty(input.Code)))
            throw ProblemException.Invalid("signature", "Sign with one: a password, a code or a proof.");
        var (path, given) = method switch
        {
            SignatureMethod.Oidc => ("signature.proof", input.Proof),
            SignatureMethod.Code => ("signature.code", input.Code),
            _ => ("signature.password", input.Password),
        };
        if (input.Method is not null && string.IsNullOrEmpty(given)) throw ProblemException.Invalid(path, "This is needed for this method.");
        return given?.Length > LongestProof ? throw ProblemException.Invalid(path, "This is too long.") : method;
    }
}
