using JasperFx.Events;
using Notify.Kernel.Secrets;

namespace Notify.Access.Credentials;

/// <summary>A manager of people gave the user a password. Stream <c>credential-…</c>, one for each user.</summary>
/// <param name="DisplayName">The user's name at that time.</param>
/// <param name="Password">The sealed hash of the password.</param>
/// <param name="MustChange">The user must choose another one before doing anything else.</param>
public sealed record PasswordSet(string DisplayName, SecretRef Password, bool MustChange);

/// <summary>The user changed the password.</summary>
public sealed record PasswordChanged(SecretRef Password);

/// <summary>Signing in by password now also needs a code of an authenticator app (RFC 6238).</summary>
/// <param name="Secret">The sealed secret that Notify shares with the app.</param>
/// <param name="RecoveryCodes">Keyed fingerprints of the recovery codes, each of which can be used once in place of the app.</param>
public sealed record SecondFactorEnabled(SecretRef Secret, IReadOnlyList<string> RecoveryCodes);

public sealed record SecondFactorDisabled;

/// <summary>A code of the authenticator app, the challenge of a passkey or the proof of a sign-in at the identity provider was used and is not
/// accepted again.</summary>
/// <param name="Code">Its keyed fingerprint.</param>
public sealed record CodeUsed(string Code);

/// <summary>A recovery code was used in place of the authenticator app and is not accepted again.</summary>
/// <param name="Code">Its keyed fingerprint.</param>
public sealed record RecoveryCodeUsed(string Code);

/// <summary>The user can sign in with this passkey (WebAuthn).</summary>
/// <param name="Note">The name that the user gave it.</param>
/// <param name="Key">Its sealed public key.</param>
public sealed record PasskeyAdded(string Passkey, string Note, SecretRef Key);

/// <summary>A passkey that counts its signatures was used. Most do not count; their use is not recorded here.</summary>
/// <param name="SignCount">Its counter. A value that is not higher than the last one comes from a copy of the passkey.</param>
public sealed record PasskeyUsed(string Passkey, long SignCount);

public sealed record PasskeyRemoved(string Passkey);

/// <summary>The user signed in at the identity provider for the first time and is linked to that identity.</summary>
/// <param name="DisplayName">The user's name at that time.</param>
/// <param name="Identity">The keyed fingerprint of the provider's <c>iss</c> and the user's <c>sub</c> (OpenID Connect).</param>
public sealed record IdentityLinked(string DisplayName, string Identity);

/// <summary>There were so many wrong passwords or codes for this user that further attempts must wait, except from addresses where the user has
/// signed in before.</summary>
/// <param name="DisplayName">The user's name at that time.</param>
/// <param name="Failures">Failures in a row, on this node.</param>
public sealed record SignInsSlowed(string DisplayName, int Failures);

public sealed record Passkey(string Id, string Name, SecretRef Key, long SignCount, DateTimeOffset AddedAt);

/// <summary>A user's credentials.</summary>
public sealed record Credential(string UserId)
{
    /// <summary>How long a used code, challenge or proof is remembered: longer than it is valid (challenges and proofs: three minutes).</summary>
    public static readonly TimeSpan CodeLifetime = TimeSpan.FromMinutes(4);

    public long Version { get; private init; }

    /// <summary>Null: the user cannot sign in by password.</summary>
    public SecretRef? Password { get; private init; }

    public bool MustChangePassword { get; private init; }
    public DateTimeOffset? PasswordAt { get; private init; }

    /// <summary>The sealed secret of the authenticator app; null: none is set up.</summary>
    public SecretRef? SecondFactor { get; private init; }

    /// <summary>The linked identity (<see cref="IdentityLinked"/>); null: the user has never signed in at the identity provider.</summary>
    public string? Identity { get; private init; }

    /// <summary>Keyed fingerprints of the unused recovery codes.</summary>
    public IReadOnlyList<string> RecoveryCodes { get; private init; } = [];

    public IReadOnlyList<Passkey> Passkeys { get; private init; } = [];

    private IReadOnlyList<(string Code, DateTimeOffset At)> UsedCodes { get; init; } = [];

    /// <summary>All sealed values of the credential.</summary>
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
