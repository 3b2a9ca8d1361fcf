using Microsoft.Extensions.Logging;
using Notify.Access.Credentials;
using Notify.Kernel.Secrets;

namespace Notify.Access.Verifying;

/// <summary>Codes of authenticator apps (<see cref="Totp"/>), and recovery codes.</summary>
public sealed class AuthenticatorCodes(SecretVault vault, TimeProvider time, ILogger<AuthenticatorCodes> logger)
{
    /// <summary>The code that proved it; it is recorded together with what it was needed for.</summary>
    /// <param name="Used">The event that marks it as used.</param>
    /// <param name="Fingerprint">What may not be in it already.</param>
    public sealed record Proof(object Used, string Fingerprint, bool IsRecoveryCode)
    {
        /// <summary>By the account as it is when the event is appended.</summary>
        public bool Holds(Credential credential, DateTimeOffset now) =>
            IsRecoveryCode ? credential.RecoveryCodes.Contains(Fingerprint, StringComparer.Ordinal) : !credential.WasUsed(Fingerprint, now);
    }

    /// <returns>Null: it is wrong, or was used before.</returns>
    public async Task<Proof?> CheckAsync(Account account, string code, CancellationToken cancellation)
    {
        if (account.Credential.SecondFactor is not { } reference) return null;
        var given = Trim(code);
        var fingerprint = FingerprintOf(account.UserId, given);
        var isRecoveryCode = given.Length > 6;
        var proof = new Proof(isRecoveryCode ? new RecoveryCodeUsed(fingerprint) : new CodeUsed(fingerprint), fingerprint, isRecoveryCode);
        if (!proof.Holds(account.Credential, time.GetUtcNow())) return null;
        if (proof.IsRecoveryCode) return proof;
        try
        {
            return Fits(await vault.RevealForAsync(account.UserId, reference, cancellation), given) ? proof : null;
        }
        catch (SecretUnreadableException e)
        {
            logger.LogError("The second factor of {User} cannot be checked: {Fault} Who manages people can remove it", account.UserId, e.Message);
            return null;
        }
    }

    /// <param name="secret">In base 32, as the app was given it.</param>
    public bool Fits(string secret, string code) => Totp.Fits(secret, Trim(code), time.GetUtcNow());

    public string FingerprintOf(string userId, string code) => vault.Fingerprint($"{userId} code {Trim(code)}");

    /// <summary>People write them in groups.</summary>
    private static string Trim(string code) =>
        code.Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();
}
