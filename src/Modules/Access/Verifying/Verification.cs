using System.Globalization;
using Notify.Access.Credentials;
using Notify.Access.People;
using Notify.Kernel;

namespace Notify.Access.Verifying;

/// <summary>Verifies people by password and code. A refusal takes the same work and gives the same answer whether the user is unknown, may not sign
/// in, or the password is wrong. Guessing is slowed down (<see cref="SignInThrottle"/>).</summary>
public sealed class Verification(
    Accounts accounts, PeopleCache people, PasswordHashes hashes, AuthenticatorCodes codes, SignInThrottle throttle, SignInSettings settings,
    TimeProvider time)
{
    /// <summary>In characters. Longer input is refused unread, since hashing it would cost work.</summary>
    private const int LongestInput = 1000;

    /// <param name="Code">The code that was used; null: none was needed.</param>
    public sealed record Proved(User User, Account Account, AuthenticatorCodes.Proof? Code)
    {
        public string Method => Code switch
        {
            null => SignInMethods.Password,
            { IsRecoveryCode: true } => SignInMethods.PasswordAndRecoveryCode,
            _ => SignInMethods.PasswordAndCode,
        };
    }

    /// <summary>Verifies a sign-in: the password, and the code if a second factor is set up.</summary>
    /// <exception cref="ProblemException">400: a field is missing; 401: the credentials are wrong or the person cannot sign in; 429: too many
    /// attempts.</exception>
    public async Task<Proved> ProveAsync(string? userName, string? password, string? code, AuditContext audit, CancellationToken cancellation)
    {
        var errors = new Errors();
        CheckGiven("userName", userName, "A user name is required.", errors);
        CheckGiven("password", password, "A password is required.", errors);
        if (code?.Length > LongestInput) errors.Add("code", "This is too long.");
        errors.ThrowIfAny();
        var user = (await people.ReadAsync(cancellation)).FindUserNamed(userName!);
        var account = user is { Enabled: true, Settings.SignIn: SignInMethod.Password } ? await accounts.ReadAsync(user.Id, cancellation) : null;
        var isKnown = await BeginAsync(userName!, user?.Name, account, audit, cancellation);
        if (!await hashes.FitsAsync(account, password!, cancellation) || account is null || user is null)
            throw Refused("The user name or the password is wrong.");
        if (account.Credential is { MustChangePassword: true, PasswordAt: { } given } && given + settings.InitialPassword < time.GetUtcNow())
            throw Refused("The password that you were given has expired unused. Ask who gave it to you for another one.");
        var proof = await CheckCodeAsync(account, code, cancellation);
        throttle.Succeeded(userName!, audit.SourceIp, isKnown);
        return new Proved(user, account, proof);
    }

    /// <summary>Verifies again, by password or code, a person who is signed in and is about to do something sensitive.</summary>
    /// <param name="password">Null or empty: the code is checked instead.</param>
    /// <exception cref="ProblemException">400: both are missing; 403: it is wrong; 409: the user has neither; 429: too many attempts.</exception>
    public async Task VerifyAgainAsync(string userId, string? password, string? code, AuditContext audit, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(password) && string.IsNullOrEmpty(code))
            throw ProblemException.Invalid("password", "Give your password, or a code of your authenticator app, to prove that it is you.");
        if (password?.Length > LongestInput) throw ProblemException.Invalid("password", "This is too long.");
        if (code?.Length > LongestInput) throw ProblemException.Invalid("code", "This is too long.");
        var user = (await people.ReadAsync(cancellation)).FindUser(userId);
        if (user is not { Enabled: true, Settings.SignIn: SignInMethod.Password }) throw NoPassword();
        var account = await accounts.ReadAsync(userId, cancellation) ?? throw Accounts.Damaged();
        var isKnown = await BeginAsync(user.Settings.UserName, user.Name, account, audit, cancellation);
        if (!string.IsNullOrEmpty(password))
        {
            if (!await hashes.FitsAsync(account, password, cancellation)) throw NotProved("The password is wrong.");
        }
        else
        {
            var proof = await codes.CheckAsync(account, code!, cancellation) ?? throw NotProved("The code is wrong, or was used before.");
            await accounts.ChangeAsync(userId, (now, _) => [UsedBy(proof, now)], audit, cancellation);
        }

        throttle.Succeeded(user.Settings.UserName, audit.SourceIp, isKnown);
    }

    /// <returns>The event that records the code as used.</returns>
    /// <exception cref="ProblemException">401: it was used after it was checked.</exception>
    public object UsedBy(AuthenticatorCodes.Proof proof, Account now) =>
        proof.Holds(now.Credential, time.GetUtcNow()) ? proof.Used : throw WrongCode();

    public static ProblemException NoPassword() => new(
        403, "Not allowed.", "This is for people who have signed in with a password or a passkey of Notify.");

    private static ProblemException NotProved(string detail) => new(403, "Not allowed.", detail);

    private static void CheckGiven(string path, string? value, string missing, Errors errors)
    {
        if (string.IsNullOrEmpty(value)) errors.Add(path, missing);
        else if (value.Length > LongestInput) errors.Add(path, "This is too long.");
    }

    /// <returns>Whether the user has signed in from this address before.</returns>
    private async Task<bool> BeginAsync(
        string userName, string? name, Account? account, AuditContext audit, CancellationToken cancellation)
    {
        var isKnown = account?.Sessions.Knows(audit.SourceIp, time.GetUtcNow()) ?? false;
        var (wait, hasBegunToSlow) = throttle.Begin(userName, audit.SourceIp, isKnown);
        if (wait is { } left)
        {
            var seconds = (int)Math.Ceiling(left.TotalSeconds);
            throw new ProblemException(
                429, "Too many requests.", string.Create(CultureInfo.InvariantCulture, $"Too many wrong tries. Try again in {seconds} seconds."))
            { RetryAfter = seconds };
        }

        if (hasBegunToSlow && account is not null)
        {
            await accounts.ChangeAsync(
                account.UserId, (_, _) => [new SignInsSlowed(name ?? "", SignInThrottle.FreeOfUser)], audit, cancellation);
        }

        return isKnown;
    }

    private async Task<AuthenticatorCodes.Proof?> CheckCodeAsync(Account account, string? code, CancellationToken cancellation)
    {
        if (account.Credential.SecondFactor is null) return null;
        if (string.IsNullOrWhiteSpace(code)) throw new ProblemException(
            401, "Not authenticated.", "A code of your authenticator app, or a recovery code, is needed too.",
            new Dictionary<string, string[]>(StringComparer.Ordinal) { ["code"] = ["A code is required."] });
        return await codes.CheckAsync(account, code, cancellation) ?? throw WrongCode();
    }

    private static ProblemException WrongCode() => new(
        401, "Not authenticated.", "The code is wrong, or was used before.",
        new Dictionary<string, string[]>(StringComparer.Ordinal) { ["code"] = ["The code is wrong, or was used before."] });

    private static ProblemException Refused(string detail) => new(401, "Not authenticated.", detail);
}
