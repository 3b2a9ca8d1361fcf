using Microsoft.Extensions.Logging;
using Notify.Access.Credentials;
using Notify.Kernel.Secrets;

namespace Notify.Access.Verifying;

/// <summary>Checks codes of authenticator apps (<see cref="Totp"/>) and recovery codes.</summary>
public sealed class AuthenticatorCodes(SecretVault vault, TimeProvider time, ILogger<AuthenticatorCodes> logger)
{
    /// <summary>An accepted code, to be recorded as used together with the change for which it was given.</summary>
    /// <param name="Used">The event that marks it as used.</param>
    /// <param name="Fingerprint">Its keyed fingerprint, which must not be recorded already.</param>
    public sealed record Proof(object Used, string Fingerprint, bool IsRecoveryCode)
    {
        /// <summary>Whether the code is still unused, according to the account when the event is appended.</summary>
        public bool Holds(Credential credential, DateTimeOffset now) =>
            IsRecoveryCode ? credential.RecoveryCodes.Contains(Fingerprint, StringComparer.Ordinal) : !credential.WasUsed(Fingerprint, now);
    }

    /// <returns>Null: the code is wrong or was used before.</returns>
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

    /// <param name="secret">The secret of the app in base 32.</param>
    public bool Fits(string secret, string code) => Totp.Fits(secret, Trim(code), time.GetUtcNow());

    public string FingerprintOf(string userId, string code) => vault.Fingerprint($"{userId} code {Trim(code)}");

    /// <summary>People type codes in groups.</summary>
    private static string Trim(string code) =>
        code.Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();
}
