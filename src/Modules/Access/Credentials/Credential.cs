using JasperFx.Events;
using Notify.Kernel.Secrets;

namespace Notify.Access.Credentials;

/// <summary>Somebody who manages people has given the user a password. Stream <c>credential-…</c>, one for each user.</summary>
/// <param name="DisplayName">Of the user, as it was then.</param>
/// <param name="Password">Where the password's hash lies sealed.</param>
/// <param name="MustChange">The user may do nothing before they have chosen one of their own.</param>
public sealed record PasswordSet(string DisplayName, SecretRef Password, bool MustChange);

/// <summary>The user has chosen another password.</summary>
public sealed record PasswordChanged(SecretRef Password);

/// <summary>Signing in with the password needs a code of an authenticator app too (RFC 6238).</summary>
/// <param name="Secret">Where the secret that the app shares lies sealed.</param>
/// <param name="RecoveryCodes">Keyed fingerprints: each code stands in for the app once.</param>
public sealed record SecondFactorEnabled(SecretRef Secret, IReadOnlyList<string> RecoveryCodes);

public sealed record SecondFactorDisabled;

/// <summary>A code of the authenticator app, the challenge of a passkey or the proof of a sign-in at the provider was used, and counts no
/// more.</summary>
/// <param name="Code">A keyed fingerprint.</param>
public sealed record CodeUsed(string Code);

/// <summary>A recovery code was used in place of the authenticator app, and is no longer valid.</summary>
/// <param name="Code">A keyed fingerprint.</param>
public sealed record RecoveryCodeUsed(string Code);

/// <summary>The user can sign in with this passkey (WebAuthn).</summary>
/// <param name="Note">What the user calls it.</param>
/// <param name="Key">Where its public key lies sealed.</param>
public sealed record PasskeyAdded(string Passkey, string Note, SecretRef Key);

/// <summary>A passkey that counts its signatures was used. One that does not (most do not) says nothing here.</summary>
/// <param name="SignCount">Its own number; one that is not higher than the last comes from a copy.</param>
public sealed record PasskeyUsed(string Passkey, long SignCount);

public sealed record PasskeyRemoved(string Passkey);

/// <summary>The user came from the identity provider for the first time, and is known there as this one from then on.</summary>
/// <param name="DisplayName">Of the user, as it was then.</param>
/// <param name="Identity">A keyed fingerprint of the provider's name and of what it calls the user (OpenID Connect: iss and sub).</param>
public sealed record IdentityLinked(string DisplayName, string Identity);

/// <summary>Wrong passwords or codes for this user came so often that further tries have to wait, wherever the user is not known.</summary>
/// <param name="DisplayName">Of the user, as it was then.</param>
/// <param name="Failures">In a row, on this node.</param>
public sealed record SignInsSlowed(string DisplayName, int Failures);

/// <summary>A passkey as its events say.</summary>
public sealed record Passkey(string Id, string Name, SecretRef Key, long SignCount, DateTimeOffset AddedAt);

/// <summary>A user's credentials.</summary>
public sealed record Credential(string UserId)
{
    /// <summary>So long a used code, challenge or proof is remembered: longer than it would be taken (the challenge and the proof for three
    /// minutes).</summary>
    public static readonly TimeSpan CodeLifetime = TimeSpan.FromMinutes(4);

    public long Version { get; private init; }

    /// <summary>Null: the user cannot sign in by password.</summary>
    public SecretRef? Password { get; private init; }

    public bool MustChangePassword { get; private init; }
    public DateTimeOffset? PasswordAt { get; private init; }

    /// <summary>Null: there is none.</summary>
    public SecretRef? SecondFactor { get; private init; }

    /// <summary>Whom the identity provider means (<see cref="IdentityLinked"/>); null: the user has never come from there.</summary>
    public string? Identity { get; private init; }

    /// <summary>Keyed fingerprints of those that were not used.</summary>
    public IReadOnlyList<string> RecoveryCodes { get; private init; } = [];

    public IReadOnlyList<Passkey> Passkeys { get; private init; } = [];

    private IReadOnlyList<(string Code, DateTimeOffset At)> UsedCodes { get; init; } = [];

    /// <summary>All its sealed values.</summary>
    public IEnumerable<SecretRef> Secrets =>
        new[] { Password, SecondFactor }.OfType<SecretRef>().Concat(Passkeys.Select(x => x.Key));

    public bool WasUsed(string code, DateTimeOffset now) => UsedCodes.Any(x => x.Code == code && now - x.At < CodeLifetime);

    public Credential Evolve(IEvent e) => With(e) with { Version = e.Version };

    private Credential With(IEvent e) => e.Data switch
    {
        PasswordSet set => this with { Password = set.Password, MustChangePassword = set.MustChange, PasswordAt = e.Timestamp },
        PasswordChanged changed => this with { Password = changed.Password, MustChangePassword = false, PasswordAt = e.Timestamp },
        SecondFactorEnabled enabled => this with { SecondFactor = enabled.Secret, RecoveryCodes = enabled.RecoveryCodes, UsedCodes = [] },
        SecondFactorDisabled => this with { SecondFactor = null, RecoveryCodes = [], UsedCodes = [] },
        CodeUsed used => this with
        {
            UsedCodes = [.. UsedCodes.Where(x => e.Timestamp - x.At < CodeLifetime), (used.Code, e.Timestamp)],
        },
        RecoveryCodeUsed used => this with { RecoveryCodes = [.. RecoveryCodes.Where(x => x != used.Code)] },
        PasskeyAdded added => this with { Passkeys = [.. Passkeys, new Passkey(added.Passkey, added.Note, added.Key, 0, e.Timestamp)] },
        PasskeyUsed used => this with
        {
            Passkeys = [.. Passkeys.Select(x => x.Id == used.Passkey ? x with { SignCount = used.SignCount } : x)],
        },
        PasskeyRemoved removed => this with { Passkeys = [.. Passkeys.Where(x => x.Id != removed.Passkey)] },
        IdentityLinked linked => this with { Identity = linked.Identity },
        _ => this,
    };
}
