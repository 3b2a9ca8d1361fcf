using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;

namespace Notify.Peers.Oidc;

/// <summary>Who is signed in at the provider: it agrees to everything they are asked.</summary>
public sealed record ProviderPerson(string Subject, string UserName, string Name, string? Email = null, IReadOnlyList<string>? Groups = null);

/// <summary>An identity provider (OpenIddict, without a store of its own), with the client <c>notify</c> for browsers and <c>robot</c> for
/// programs.</summary>
public sealed class IdentityProvider : IAsyncDisposable
{
    public const string ClientId = "notify";
    public const string ClientSecret = "the-secret-of-notify-at-the-provider";
    public const string RobotSecret = "the-secret-of-the-robot";
    public const string Audience = "notify-api";

    // Making such a key takes longer than many a test.
    private static readonly RsaSecurityKey encryption = new(RSA.Create(2048));
    private static readonly RsaSecurityKey signing = new(RSA.Create(2048)) { KeyId = "signing" };

    private readonly WebApplication app;

    private IdentityProvider(WebApplication app) => this.app = app;

    /// <summary>Null: nobody is signed in there, and it refuses.</summary>
    public ProviderPerson? Person { get; set; }

    public TimeProvider Clock { get; set; } = TimeProvider.System;

    /// <summary>When they signed in there.</summary>
    public DateTimeOffset SignedInAt { get; set; } = TimeProvider.System.GetUtcNow().AddHours(-1);

    /// <summary>Whether it lets people sign in again where it is asked to, as it must.</summary>
    public bool AsksAgain { get; set; } = true;

    /// <summary>How strongly people sign in there (OpenID Connect: acr); null: it does not say.</summary>
    public string? Strength { get; set; }

    /// <summary>For whom access tokens are made.</summary>
    public string TokenAudience { get; set; } = Audience;

    public string Url => app.Urls.First();

    public static async Task<IdentityProvider> StartAsync()
    {
        IdentityProvider? self = null;
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddOpenIddict().AddServer(options =>
        {
            options.EnableDegradedMode();
            options.SetAuthorizationEndpointUris("connect/authorize").SetTokenEndpointUris("connect/token");
            options.AllowAuthorizationCodeFlow().AllowClientCredentialsFlow().RequireProofKeyForCodeExchange();
            options.RegisterScopes("profile", "email");
            options.AddEncryptionKey(encryption).AddSigningKey(signing).DisableAccessTokenEncryption();
            options.UseAspNetCore().DisableTransportSecurityRequirement();
            options.AddEventHandler<OpenIddictServerEvents.ValidateAuthorizationRequestContext>(x => x.UseInlineHandler(context =>
            {
                if (context.ClientId != ClientId) context.Reject(OpenIddictConstants.Errors.InvalidClient, "Nobody knows this client.");
                return default;
            }));
            options.AddEventHandler<OpenIddictServerEvents.ValidateTokenRequestContext>(x => x.UseInlineHandler(context =>
            {
                var isKnown = (context.ClientId, context.ClientSecret) is (ClientId, ClientSecret) or ("robot", RobotSecret);
                if (!isKnown) context.Reject(OpenIddictConstants.Errors.InvalidClient, "Nobody knows this client.");
                return default;
            }));
            options.AddEventHandler<OpenIddictServerEvents.HandleAuthorizationRequestContext>(x => x.UseInlineHandler(context =>
            {
                if (self!.Person is { } person) context.SignIn(self.SignedInNow(person, context.Request));
                else context.Reject(OpenIddictConstants.Errors.AccessDenied, "Nobody is signed in.");
                return default;
            }));
            options.AddEventHandler<OpenIddictServerEvents.HandleTokenRequestContext>(x => x.UseInlineHandler(context =>
            {
                if (!context.Request.IsClientCredentialsGrantType()) return default;
                var principal = PrincipalOf(self!.Person ?? new ProviderPerson("robot", "robot", "The robot"), context.Request.GetScopes());
                principal.SetResources(self.TokenAudience);
                context.SignIn(principal);
                return default;
            }));
        });
        var app = builder.Build();
        self = new IdentityProvider(app);
        app.UseAuthentication();
        await app.StartAsync();
        return self;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private ClaimsPrincipal SignedInNow(ProviderPerson person, OpenIddictRequest request)
    {
        if (AsksAgain && (request.HasPromptValue(OpenIddictConstants.PromptValues.Login) || request.MaxAge == 0)) SignedInAt = Clock.GetUtcNow();
        return PrincipalOf(person, request.GetScopes(), x =>
        {
            x.SetClaim("auth_time", SignedInAt.ToUnixTimeSeconds());
            if (Strength is { } strength) x.SetClaim("acr", strength);
        });
    }

    private static ClaimsPrincipal PrincipalOf(ProviderPerson person, IEnumerable<string> scopes, Action<ClaimsIdentity>? more = null)
    {
        var identity = new ClaimsIdentity("provider");
        more?.Invoke(identity);
        identity.SetClaim("sub", person.Subject).SetClaim("preferred_username", person.UserName).SetClaim("name", person.Name);
        if (person.Email is { } email) identity.SetClaim("email", email);
        foreach (var group in person.Groups ?? []) identity.AddClaim("groups", group);
        identity.SetDestinations(_ => [OpenIddictConstants.Destinations.AccessToken, OpenIddictConstants.Destinations.IdentityToken]);
        var principal = new ClaimsPrincipal(identity);
        principal.SetScopes(scopes);
        return principal;
    }
}
