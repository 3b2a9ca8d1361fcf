using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption.ConfigurationModel;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Notify.Access.ApiKeys;
using Notify.Access.Credentials;
using Notify.Access.Http;
using Notify.Access.Passkeys;
using Notify.Access.Passwords;
using Notify.Access.SecondFactor;
using Notify.Access.Sessions;
using Notify.Access.SignIns;
using Notify.Access.Verifying;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;

namespace Notify.Access;

/// <summary>Sign-in: passwords, second factors, passkeys and sessions.</summary>
internal static class SignInRegistration
{
    public static IServiceCollection AddSignIn(this IServiceCollection services)
    {
        services.AddProblemTexts(SignInProblemTexts.Lines);
        services.AddEventSummaries(SignInSummaries.All);
        services.AddEvents(
            "access",
            EventType.Of<PasswordSet>("access.password_set.v1", "Somebody who manages people gave a user a password, or the set-up did."),
            EventType.Of<PasswordChanged>("access.password_changed.v1", "A user chose another password."),
            EventType.Of<SecondFactorEnabled>(
                "access.second_factor_enabled.v1", "Signing in with the password needs a code of an authenticator app from now on."),
            EventType.Of<SecondFactorDisabled>("access.second_factor_disabled.v1", "The second factor of a user was removed."),
            EventType.Of<CodeUsed>(
                "access.code_used.v1", "A code of the authenticator app, the challenge of a passkey or the proof of a sign-in at the provider was used; it counts no more."),
            EventType.Of<RecoveryCodeUsed>("access.recovery_code_used.v1", "A recovery code was used in place of the authenticator app."),
            EventType.Of<PasskeyAdded>("access.passkey_added.v1", "A user added a passkey."),
            EventType.Of<PasskeyUsed>("access.passkey_used.v1", "A passkey that counts its signatures was used."),
            EventType.Of<PasskeyRemoved>("access.passkey_removed.v1", "A passkey was removed."),
            EventType.Of<IdentityLinked>("access.identity_linked.v1", "A user came from the identity provider for the first time."),
            EventType.Of<SignInsSlowed>("access.sign_ins_slowed.v1", "Wrong passwords or codes for a user came so often that further tries have to wait."),
            EventType.Of<SessionStarted>("access.session_started.v1", "A user signed in."),
            EventType.Of<SessionEnded>("access.session_ended.v1", "A session was ended before its time."),
            EventType.Of<SessionsEnded>("access.sessions_ended.v1", "All sessions of a user that had begun were ended."));
        services.AddHistoryCheck<SealedCredentials>();
        services.AddSingleton<SignInSettings>();
        services.AddSingleton<SignInThrottle>();
        services.AddSingleton<Accounts>();
        services.AddSingleton<PasswordHashes>();
        services.AddSingleton<SessionCheck>();
        services.AddSingleton<SessionCookieEvents>();
        services.AddSingleton<StartSession>();
        services.AddSingleton<ReadSession>();
        services.AddSingleton<EndSessions>();
        services.AddSingleton<AccountChanges>();
        services.AddSingleton<SetPassword>();
        services.AddSingleton<IApprovedChanges>(x => x.GetRequiredService<SetPassword>());
        services.AddSingleton<ProviderProofs>();
        services.AddSingleton<AuthenticatorCodes>();
        // Scoped, since they use Identity's user manager, which is scoped.
        services.AddScoped<Verification>();
        services.AddScoped<SignIn>();
        services.AddScoped<SetUp>();
        services.AddScoped<ChangePassword>();
        services.AddScoped<SetUpSecondFactor>();
        services.AddScoped<IApprovedChanges>(x => x.GetRequiredService<SetUpSecondFactor>());
        services.AddScoped<PasskeyEndpoints>();
        AddIdentity(services);
        AddKeyRing(services);
        AddCookie(services);
        return services;
    }

    public static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        // An invalid setting is reported at startup.
        routes.ServiceProvider.GetRequiredService<SignInSettings>();
        var session = routes.MapGroup("/api/v1/session").WithTags("session");
        SignIn.Map(session);
        ReadSession.Map(session);
        EndSessions.Map(routes, session);
        SetUp.Map(session);
        ChangePassword.Map(session);
        PasskeyEndpoints.Map(session);
        var users = routes.MapGroup("/api/v1/users").WithTags("users");
        SetUpSecondFactor.Map(session, users);
        SetPassword.Map(users);
    }

    private static void AddIdentity(IServiceCollection services)
    {
        services.AddIdentityCore<SignInUser>().AddUserStore<SignInUserStore>();
        services.AddSingleton<IPasswordHasher<Account>, PasswordHasher<Account>>();
        services.Configure<PasswordHasherOptions>(x => x.IterationCount = PasswordHashes.Iterations);
        services.AddScoped<IPasskeyHandler<SignInUser>, PasskeyHandler<SignInUser>>();
        services.AddOptions<IdentityPasskeyOptions>().Configure<PublicAddress>((options, address) =>
        {
            // The authenticator must verify the person (PIN or biometrics), not only their presence.
            options.UserVerificationRequirement = "required";
            options.ResidentKeyRequirement = "required";
            options.ServerDomain = address.IsGiven ? new Uri(address.Url).Host : null;
            options.ValidateOrigin = x => ValueTask.FromResult(!x.CrossOrigin && OwnOrigin.IsOwn(x.Origin, x.HttpContext));
        });
    }

    private static void AddKeyRing(IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("Notify").UseCryptographicAlgorithms(
            new AuthenticatedEncryptorConfiguration { EncryptionAlgorithm = EncryptionAlgorithm.AES_256_GCM });
        services.AddSingleton<KeyRing>();
        services.AddOptions<KeyManagementOptions>().Configure<KeyRing>((options, ring) => options.XmlRepository = ring);
        // It warns of unencrypted keys, not knowing that Notify seals them where they are stored.
        services.AddLogging(x => x.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error));
    }

    private static void AddCookie(IServiceCollection services)
    {
        SessionCookie.AddTo(services);
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, PageAuthentication>(SessionCookie.PageSchemeName, null);
        services.AddOptions<CookieAuthenticationOptions>(SessionCookie.SchemeName).Configure<SignInSettings>((options, settings) =>
        {
            SessionCookie.Configure(options, settings.Idle);
            options.EventsType = typeof(SessionCookieEvents);
        });
        services.AddLogging(x => x.AddFilter(typeof(CookieAuthenticationHandler).FullName, LogLevel.Warning));
    }
}
