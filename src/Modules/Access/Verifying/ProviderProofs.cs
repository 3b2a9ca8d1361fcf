using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Notify.Access.Credentials;
using Notify.Access.People;
using Notify.Kernel;
using Notify.Kernel.Secrets;

namespace Notify.Access.Verifying;

/// <summary>Proofs that somebody without a password has just signed in at the identity provider once more. A proof is bound to the person, the
/// session and one signature of one thing; it is valid once and for three minutes. The caller keeps it, protected.</summary>
public sealed class ProviderProofs(IDataProtectionProvider protection, Accounts accounts, PeopleCache people, SecretVault vault, TimeProvider time)
{
    /// <summary>Must be shorter than <see cref="Credential.CodeLifetime"/>, for which used proofs are remembered.</summary>
    private static readonly TimeSpan patience = TimeSpan.FromMinutes(3);

    /// <param name="Id">Identifies the proof once it was used, since its text has several encodings.</param>
    private sealed record Content(string Id, string Session, string Subject, string Meaning, DateTimeOffset Until);

    /// <summary>What is signed, and what the signature means.</summary>
    /// <param name="Subject">The id of what is signed; or its kind, if the signed request creates it.</param>
    public sealed record Purpose(string Subject, string Meaning)
    {
        private const string Emergency = "emergency";
        private const string HistoryReview = "historyreview";

        /// <summary>Whether such a signature exists.</summary>
        public bool IsKnown => Meaning switch
        {
            "approved" or "proposed" => Is("proposal"),
            "requested" => Subject == Emergency,
            "confirmed" => Is(Emergency),
            "reviewed" => Is(Emergency) || Subject == HistoryReview,
            _ => false,
        };

        /// <param name="stream">The stream of the event with the signature.</param>
        public static Purpose Of(string stream, string meaning) =>
            new(meaning == "requested" ? Emergency
                : stream.StartsWith($"{HistoryReview}-", StringComparison.Ordinal) ? HistoryReview : stream, meaning);

        private bool Is(string kind) => Subject.StartsWith($"{kind}-", StringComparison.Ordinal);
    }

    public string Make(string userId, string session, Purpose purpose) => Protector(userId).Protect(JsonSerializer.Serialize(
        new Content(Guid.NewGuid().ToString("N"), session, purpose.Subject, purpose.Meaning, time.GetUtcNow() + patience), NotifyJson.Options));

    /// <exception cref="ProblemException">403: it has expired, was used, or belongs to another person, session or purpose.</exception>
    public async Task UseAsync(string proof, Purpose purpose, AuditContext audit, CancellationToken cancellation)
    {
        var userId = audit.Actor.Id;
        if ((await people.ReadAsync(cancellation)).FindUser(userId) is not { Enabled: true, Settings.SignIn: SignInMethod.Oidc }) throw Refused();
        var content = Open(userId, proof);
        if (content.Session != audit.Session || content.Subject != purpose.Subject || content.Meaning != purpose.Meaning
            || content.Until < time.GetUtcNow()) throw Refused();
        var fingerprint = vault.Fingerprint($"{userId} proof {content.Id}");
        await accounts.ChangeAsync(
            userId, (now, _) => now.Credential.WasUsed(fingerprint, time.GetUtcNow()) ? throw Refused() : [new CodeUsed(fingerprint)], audit,
            cancellation);
    }

    private Content Open(string userId, string proof)
    {
        try
        {
            return JsonSerializer.Deserialize<Content>(Protector(userId).Unprotect(proof), NotifyJson.Options) ?? throw Refused();
        }
        catch (CryptographicException)
        {
            throw Refused();
        }
    }

    private IDataProtector Protector(string userId) => protection.CreateProtector("Notify.ProviderProof", userId);

    private static ProblemException Refused() => new(
        403, "Not allowed.", "This proof is over, was used, or is not for this: sign in again at the identity provider, to sign just this.");
}
