using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Notify.Access.Credentials;
using Notify.Access.People;
using Notify.Kernel;
using Notify.Kernel.Secrets;

namespace Notify.Access.Verifying;

/// <summary>
/// Somebody who has no password here has just signed in once more at the identity provider: the proof of it is theirs, of their session, for one
/// signature of one thing, once and for three minutes. It waits, protected, with the caller.
/// </summary>
public sealed class ProviderProofs(IDataProtectionProvider protection, Accounts accounts, PeopleCache people, SecretVault vault, TimeProvider time)
{
    /// <summary>Shorter than a used proof is remembered (<see cref="Credential.CodeLifetime"/>).</summary>
    private static readonly TimeSpan patience = TimeSpan.FromMinutes(3);

    /// <param name="Id">By which it is known when it was used, however it is written.</param>
    private sealed record Content(string Id, string Session, string Subject, string Meaning, DateTimeOffset Until);

    /// <summary>What is signed, and what the signature means.</summary>
    /// <param name="Subject">Its id; or its kind, where it comes to be by being signed.</param>
    public sealed record Purpose(string Subject, string Meaning)
    {
        private const string Emergency = "emergency";
        private const string HistoryReview = "historyreview";

        /// <summary>Whether there is anything that is signed so.</summary>
        public bool IsKnown => Meaning switch
        {
            "approved" or "proposed" => Is("proposal"),
            "requested" => Subject == Emergency,
            "confirmed" => Is(Emergency),
            "reviewed" => Is(Emergency) || Subject == HistoryReview,
            _ => false,
        };

        /// <param name="stream">Of the event that holds the signature.</param>
        public static Purpose Of(string stream, string meaning) =>
            new(meaning == "requested" ? Emergency
                : stream.StartsWith($"{HistoryReview}-", StringComparison.Ordinal) ? HistoryReview : stream, meaning);

        private bool Is(string kind) => Subject.StartsWith($"{kind}-", StringComparison.Ordinal);
    }

    public string Make(string userId, string session, Purpose purpose) => Protector(userId).Protect(JsonSerializer.Serialize(
        new Content(Guid.NewGuid().ToString("N"), session, purpose.Subject, purpose.Meaning, time.GetUtcNow() + patience), NotifyJson.Options));

    /// <exception cref="ProblemException">403: it is over, was used, is somebody else's or for something else.</exception>
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
