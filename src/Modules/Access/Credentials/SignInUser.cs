using System.Buffers.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Identity;
using Notify.Access.People;
using Notify.Kernel;
using Notify.Kernel.Secrets;

namespace Notify.Access.Credentials;

/// <summary>The user type of ASP.NET Core Identity's passkeys.</summary>
public sealed record SignInUser(Account Account)
{
    public string Id => Account.UserId;
}

/// <summary>The store of ASP.NET Core Identity, over accounts. It only reads; the use cases record changes as events.</summary>
public sealed class SignInUserStore(Accounts accounts, PeopleCache people, SecretVault vault)
    : IUserPasskeyStore<SignInUser>
{
    /// <summary>Notify's id of a passkey, derived from the credential id of its authenticator.</summary>
    public static string PasskeyIdOf(byte[] credentialId) => Ids.Derived("passkey", Base64Url.EncodeToString(credentialId));

    /// <summary>The sealed content of a passkey.</summary>
    private sealed record SealedPasskey(
        byte[] CredentialId, byte[] PublicKey, DateTimeOffset CreatedAt, string[]? Transports, bool IsUserVerified, bool IsBackupEligible,
        bool IsBackedUp);

    public static string Write(UserPasskeyInfo passkey) => JsonSerializer.Serialize(
        new SealedPasskey(
            passkey.CredentialId, passkey.PublicKey, passkey.CreatedAt, passkey.Transports, passkey.IsUserVerified, passkey.IsBackupEligible,
            passkey.IsBackedUp), NotifyJson.Options);

    public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(SignInUser user, CancellationToken cancellationToken)
    {
        var passkeys = new List<UserPasskeyInfo>();
        foreach (var passkey in user.Account.Credential.Passkeys)
            if (await ReadAsync(user.Id, passkey, cancellationToken) is { } read) passkeys.Add(read);
        return passkeys;
    }

    public async Task<UserPasskeyInfo?> FindPasskeyAsync(SignInUser user, byte[] credentialId, CancellationToken cancellationToken) =>
        user.Account.Credential.Passkeys.FirstOrDefault(x => x.Id == PasskeyIdOf(credentialId)) is { } passkey
            ? await ReadAsync(user.Id, passkey, cancellationToken) : null;

    public async Task<SignInUser?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken)
    {
        var id = PasskeyIdOf(credentialId);
        var owner = (await accounts.AllCredentialsAsync(cancellationToken)).FirstOrDefault(x => x.Passkeys.Any(p => p.Id == id));
        return owner is null ? null : await FindByIdAsync(owner.UserId, cancellationToken);
    }

    /// <returns>The user, also one who may not sign in; the use case checks that.</returns>
    public async Task<SignInUser?> FindByIdAsync(string userId, CancellationToken cancellationToken) =>
        (await people.ReadAsync(cancellationToken)).FindUser(userId) is not null && await accounts.ReadAsync(userId, cancellationToken) is { } account
            ? new SignInUser(account) : null;

    public Task<string> GetUserIdAsync(SignInUser user, CancellationToken cancellationToken) => Task.FromResult(user.Id);

    public Task<string?> GetUserNameAsync(SignInUser user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Id);

    public Task<string?> GetNormalizedUserNameAsync(SignInUser user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Id);

    public void Dispose()
    {
    }

    Task<SignInUser?> IUserStore<SignInUser>.FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) => throw Reads();

    Task IUserPasskeyStore<SignInUser>.AddOrUpdatePasskeyAsync(SignInUser user, UserPasskeyInfo passkey, CancellationToken cancellationToken) =>
        throw Reads();

    Task IUserPasskeyStore<SignInUser>.RemovePasskeyAsync(SignInUser user, byte[] credentialId, CancellationToken cancellationToken) => throw Reads();

    Task IUserStore<SignInUser>.SetUserNameAsync(SignInUser user, string? userName, CancellationToken cancellationToken) => throw Reads();

    Task IUserStore<SignInUser>.SetNormalizedUserNameAsync(SignInUser user, string? normalizedName, CancellationToken cancellationToken) =>
        throw Reads();

    Task<IdentityResult> IUserStore<SignInUser>.CreateAsync(SignInUser user, CancellationToken cancellationToken) => throw Reads();

    Task<IdentityResult> IUserStore<SignInUser>.UpdateAsync(SignInUser user, CancellationToken cancellationToken) => throw Reads();

    Task<IdentityResult> IUserStore<SignInUser>.DeleteAsync(SignInUser user, CancellationToken cancellationToken) => throw Reads();

    private static NotSupportedException Reads() => new("Accounts change by events: see the use cases of Access.");

    /// <returns>Null: its sealed content cannot be opened.</returns>
    private async Task<UserPasskeyInfo?> ReadAsync(string userId, Passkey passkey, CancellationToken cancellation)
    {
        try
        {
            var read = JsonSerializer.Deserialize<SealedPasskey>(
                await vault.RevealForAsync(userId, passkey.Key, cancellation), NotifyJson.Options)!;
            return new UserPasskeyInfo(
                read.CredentialId, read.PublicKey, read.CreatedAt, (uint)passkey.SignCount, read.Transports, read.IsUserVerified,
                read.IsBackupEligible, read.IsBackedUp, attestationObject: [], clientDataJson: []);
        }
        catch (Exception e) when (e is SecretUnreadableException or JsonException)
        {
            return null;
        }
    }
}
