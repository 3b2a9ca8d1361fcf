using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Secrets;
using Npgsql;

namespace Notify.Access.Credentials;

/// <summary>Verifies that every sealed credential exists, can be opened, and has the fingerprint that its event names.</summary>
public sealed class SealedCredentials(Accounts accounts, SecretVault vault) : IHistoryCheck
{
    private const string Kind = "secret";

    public string Name => "sealed credentials";

    public async Task<IReadOnlyList<Finding>> CheckAsync(NpgsqlConnection snapshot, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        foreach (var credential in await accounts.AllCredentialsAsync(snapshot, cancellation))
        {
            foreach (var secret in credential.Secrets)
            {
                try
                {
                    await vault.RevealForAsync(credential.UserId, secret, snapshot, cancellation);
                }
                catch (SecretUnreadableException)
                {
                    findings.Add(new Finding(Kind,
                        $"What {credential.UserId} signs in with ({secret.Fingerprint}) is not what lies under its reference. It is not used; set the password, or add the second factor or passkey, again.",
                        StreamId: Account.CredentialStream(credential.UserId)));
                }
            }
        }

        return findings;
    }
}
