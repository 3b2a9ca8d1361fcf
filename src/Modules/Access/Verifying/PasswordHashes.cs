using Marten;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging;
using Notify.Access.Credentials;
using Notify.Kernel;
using Notify.Kernel.Secrets;

namespace Notify.Access.Verifying;

/// <summary>Hashes and checks passwords, by ASP.NET Core Identity's hasher. A check does the same work whether or not there is a password to compare
/// with. Concurrent checks are limited, so that alarms have priority.</summary>
public sealed class PasswordHashes(IPasswordHasher<Account> hasher, SecretVault vault, ILogger<PasswordHashes> logger) : IDisposable
{
    /// <summary>Of PBKDF2 with HMAC-SHA512, as OWASP's Password Storage Cheat Sheet recommends.</summary>
    public const int Iterations = 210_000;

    private const int MostWaiting = 50;

    private readonly SemaphoreSlim free = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>The hash of a random password, compared with when there is none.</summary>
    private readonly Lazy<string> nobodys = new(() => hasher.HashPassword(Account.Of("user-nobody"), Guid.NewGuid().ToString()));

    private int waiting;

    /// <summary>Hashes and seals a password within the session's transaction.</summary>
    public SecretRef Store(IDocumentSession session, string userId, string password) =>
        vault.StoreFor(userId, session, hasher.HashPassword(Account.Of(userId), PasswordRules.Normalize(password)));

    /// <param name="account">Null: there is no such user, or the user does not sign in by password.</param>
    /// <exception cref="ProblemException">503: too many checks are waiting.</exception>
    public async Task<bool> FitsAsync(Account? account, string password, CancellationToken cancellation)
    {
        var hash = account?.Credential.Password is { } reference ? await RevealAsync(account.UserId, reference, cancellation) : null;
        if (Interlocked.Increment(ref waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref waiting);
            throw ProblemException.Unavailable("Too many sign-ins at once. Try again shortly.");
        }

        try
        {
            await free.WaitAsync(cancellation);
            try
            {
                var (given, normal) = (account ?? Account.Of("user-nobody"), PasswordRules.Normalize(password));
                var result = await Task.Run(() => hasher.VerifyHashedPassword(given, hash ?? nobodys.Value, normal), cancellation);
                return hash is not null && result != PasswordVerificationResult.Failed;
            }
            finally
            {
                free.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    public void Dispose() => free.Dispose();

    private async Task<string?> RevealAsync(string userId, SecretRef reference, CancellationToken cancellation)
    {
        try
        {
            return await vault.RevealForAsync(userId, reference, cancellation);
        }
        catch (SecretUnreadableException e)
        {
            logger.LogError("The password of {User} cannot be checked: {Fault} Notify.Host access reset gives an administrator a new one", userId, e.Message);
            return null;
        }
    }
}
