using JasperFx.Events;
using Notify.Access.Credentials;
using Notify.Kernel;
using Notify.Kernel.Secrets;

namespace Notify.Access.Tests.Credentials;

/// <summary>Given these events, an account is so.</summary>
public sealed class AccountTests
{
    private static readonly DateTimeOffset start = new(2026, 5, 4, 8, 0, 0, TimeSpan.Zero);
    private static readonly SecretRef one = new("credential-1", "f1");
    private static readonly SecretRef two = new("credential-2", "f2");

    [Fact]
    public void a_password_that_was_given_must_be_changed_until_another_is_chosen()
    {
        Given(new PasswordSet("Li Na", one, MustChange: true)).Credential.Should()
            .Match<Credential>(x => x.Password == one && x.MustChangePassword && x.Version == 1);
        Given(new PasswordSet("Li Na", one, true), new PasswordChanged(two)).Credential.Should()
            .Match<Credential>(x => x.Password == two && !x.MustChangePassword && x.Version == 2);
    }

    [Fact]
    public void a_code_counts_once_and_is_forgotten_when_nobody_can_use_it_any_more()
    {
        var credential = Given(new SecondFactorEnabled(one, ["r1", "r2"]), new CodeUsed("c1")).Credential;
        credential.WasUsed("c1", start.AddMinutes(3)).Should().BeTrue();
        credential.WasUsed("c2", start.AddMinutes(3)).Should().BeFalse();
        credential.WasUsed("c1", start.AddMinutes(10)).Should().BeFalse();
    }

    [Fact]
    public void a_recovery_code_counts_once() =>
        Given(new SecondFactorEnabled(one, ["r1", "r2"]), new RecoveryCodeUsed("r1")).Credential.RecoveryCodes.Should().Equal("r2");

    [Fact]
    public void without_a_second_factor_no_recovery_code_counts() =>
        Given(new SecondFactorEnabled(one, ["r1"]), new SecondFactorDisabled()).Credential.Should()
            .Match<Credential>(x => x.SecondFactor == null && x.RecoveryCodes.Count == 0);

    [Fact]
    public void a_passkey_counts_its_signatures_until_it_is_removed()
    {
        var added = Given(new PasskeyAdded("passkey-1", "Laptop", one), new PasskeyAdded("passkey-2", "Phone", two), new PasskeyUsed("passkey-1", 7));
        added.Credential.Passkeys.Select(x => (x.Name, x.SignCount)).Should().Equal(("Laptop", 7), ("Phone", 0));
        Given(new PasskeyAdded("passkey-1", "Laptop", one), new PasskeyRemoved("passkey-1")).Credential.Passkeys.Should().BeEmpty();
    }

    [Fact]
    public void a_session_is_open_until_it_is_ended_or_over()
    {
        var until = start.AddHours(12);
        var account = Given(new SessionStarted("Li Na", "s1", "password", until), new SessionStarted("Li Na", "s2", "passkey", until), new SessionEnded("s1", "signedOut"));
        account.Sessions.At(start.AddMinutes(10)).Select(x => x.Id).Should().Equal("s2");
        account.Sessions.Find("s1", start.AddMinutes(10)).Should().BeNull();
        account.Sessions.Find("s2", until).Should().BeNull("it is over");
    }

    [Fact]
    public void all_sessions_end_but_the_one_that_goes_on()
    {
        var until = start.AddHours(12);
        var account = Given(
            new SessionStarted("Li Na", "s1", "password", until), new SessionStarted("Li Na", "s2", "password", until), new SessionsEnded("Li Na", "passwordChanged", Except: "s2"));
        account.Sessions.At(start).Select(x => x.Id).Should().Equal("s2");
        Given(new SessionStarted("Li Na", "s1", "password", until), new SessionsEnded("Li Na", "revoked")).Sessions.At(start).Should().BeEmpty();
    }

    [Fact]
    public void an_address_is_known_for_90_days_after_a_sign_in_from_there()
    {
        var sessions = Given(new SessionStarted("Li Na", "s1", "password", start.AddHours(12))).Sessions;
        sessions.Knows("10.0.0.1", start.AddDays(89)).Should().BeTrue();
        sessions.Knows("10.0.0.1", start.AddDays(91)).Should().BeFalse();
        sessions.Knows("10.0.0.2", start).Should().BeFalse();
        sessions.Knows(null, start).Should().BeFalse();
    }

    [Fact]
    public void the_events_go_into_two_streams()
    {
        var account = Given(new PasswordSet("Li Na", one, false), new SessionStarted("Li Na", "s1", "password", start.AddHours(12)), new PasswordChanged(two));
        (account.Credential.Version, account.Sessions.Version).Should().Be((2, 1));
    }

    private static Account Given(params object[] events)
    {
        var (account, credential, sessions) = (Account.Of("user-1"), 0L, 0L);
        foreach (var (i, data) in events.Index())
        {
            var e = (IEvent)Activator.CreateInstance(typeof(Event<>).MakeGenericType(data.GetType()), data)!;
            e.Version = Account.IsOfSessions(data) ? ++sessions : ++credential;
            e.Timestamp = start.AddMinutes(i);
            e.Headers = new Dictionary<string, object> { [AuditContext.SourceIpHeader] = "10.0.0.1" };
            account = account.Evolve(e);
        }

        return account;
    }
}
