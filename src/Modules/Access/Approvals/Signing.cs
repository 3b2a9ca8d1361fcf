using Notify.Access.Verifying;
using Notify.Contracts.Audit;
using Notify.Kernel;
using Wolverine;

namespace Notify.Access.Approvals;

/// <summary>People sign with what they sign in with; keys cannot sign.</summary>
public sealed class Signing(Verification verification, IMessageBus bus, TimeProvider time)
{
    /// <param name="Password">Or the code.</param>
    /// <param name="Code">Of the authenticator app.</param>
    /// <param name="Meaning">What the signature means; if given, it must be what the request does.</param>
    public sealed record Input(string? Password = null, string? Code = null, string? Meaning = null);

    /// <param name="input">Null: nothing was sent.</param>
    /// <exception cref="ProblemException">400: nothing was sent, or it means something else; 403: it is wrong, or a key asks; 429: too many tries.</exception>
    public async Task<Signature> SignAsync(
        Input? input, string proposal, string content, string meaning, AuditContext audit, CancellationToken cancellation)
    {
        if (input is null) throw ProblemException.Invalid(
            "signature", "The approval policy requires a signature: your password, or a code of your authenticator app.");
        if (input.Meaning is not null && input.Meaning != meaning) throw ProblemException.Invalid("signature", $"The meaning of this signature is {meaning}.");
        if (audit.Actor.Kind != "user") throw new ProblemException(
            403, "Not allowed.", "A signature is a person's: sign in, and sign with your password or a code.");
        await verification.VerifyAgainAsync(audit.Actor.Id, input.Password, input.Code, audit, cancellation);
        var method = string.IsNullOrEmpty(input.Password) ? "code" : "password";
        var at = Instants.Cut(time.GetUtcNow());
        var signature = new Signature(audit.Actor.Id, audit.Actor.Name, at, meaning, method, content, Hash: "", Leaf: "", Seal: "");
        signature = signature with { Hash = SignedContent.HashOf(signature, proposal) };
        var signed = await bus.InvokeAsync<SignatureSealed>(
            new SealSignature(proposal, signature.Hash, content, signature.Signer, SignedContent.TextOf(at), meaning, method), cancellation);
        return signature with { Leaf = signed.Leaf, Seal = signed.Seal };
    }
}
