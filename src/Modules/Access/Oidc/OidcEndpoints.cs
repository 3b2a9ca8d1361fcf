using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using Notify.Access.Http;
using Notify.Access.People;
using Notify.Access.Sessions;
using Notify.Access.Verifying;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Access.Oidc;

/// <summary>Sign-in at the organisation's identity provider, by ASP.NET Core's handlers: browsers use the code flow with PKCE (RFC 7636), from <c>GET
/// /session/oidc/start</c> back to <c>/session/oidc/callback</c>; programs use access tokens (RFC 9068).</summary>
public static class OidcEndpoints
{
    private const string BrowserScheme = "Oidc";
    private const string TokenSchemeName = "AccessToken";
    private const string CallbackPath = "/api/v1/session/oidc/callback";

    /// <summary>How long a sign-in at the provider may take.</summary>
    private static readonly TimeSpan patience = TimeSpan.FromMinutes(15);

    /// <summary>Asymmetric signatures only: never a shared secret, never <c>none</c>.</summary>
    private static readonly string[] algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    public static void MapTo(IEndpointRouteBuilder routes)
    {
        // A browser navigates here and is redirected: not a call of the API.
        routes.MapGet("/api/v1/session/oidc/start", async (HttpContext http, PublicAddress address) =>
        {
            if (http.RequestServices.GetService<OidcSettings>() is null)
                throw new ProblemException(404, "Not found.", "Signing in at an identity provider is not set up here.");
            if (!OwnOrigin.MaySignIn(http))
            {
                // If the provider asks nothing, another site could sign a person in without their doing. So they start from the sign-in page.
                http.Response.Redirect(address.PathTo("sign-in"));
                return;
            }

            var back = http.Query().Text("returnUrl") ?? "/";
            if (!back.StartsWith('/') || back.Length > 1000 || (back.Length > 1 && back[1] is '/' or '\\') || back.Any(char.IsControl))
                throw ProblemException.Invalid("returnUrl", "A way back is a path of Notify's own, such as /.");
            var properties = http.Query().Text("purpose") switch
            {
                null => new AuthenticationProperties(),
                "sign" => await OidcSigningEndpoints.BeginAsync(http),
                _ => throw ProblemException.Invalid("purpose", "The purpose is sign, or is left out to sign in."),
            };
            properties.RedirectUri = back;
            try
            {
                await http.ChallengeAsync(BrowserScheme, properties);
            }
            catch (InvalidOperationException e) when (e.InnerException is HttpRequestException or IOException)
            {
                http.RequestServices.GetRequiredService<ILogger<OidcPeople>>()
                    .LogWarning("The identity provider cannot be reached: {Fault}", e.InnerException!.Message);
                throw ProblemException.Unavailable("The identity provider cannot be reached. Try again shortly.");
            }
        }).Query("returnUrl", "purpose", "subject", "meaning")
            .Open("Whoever signs in has nothing to show before.").ExcludeFromDescription();
    }

    public static void AddTo(IServiceCollection services, OidcSettings settings)
    {
        services.AddAuthentication().AddOpenIdConnect(BrowserScheme, options =>
        {
            options.Authority = settings.Authority.AbsoluteUri;
            options.RequireHttpsMetadata = !settings.Authority.IsLoopback;
            (options.ClientId, options.ClientSecret) = (settings.ClientId, settings.ClientSecret);
            (options.ResponseType, options.ResponseMode, options.UsePkce) = ("code", "query", true);
            (options.MapInboundClaims, options.SaveTokens, options.DisableTelemetry) = (false, false, true);
            options.CallbackPath = CallbackPath;
            options.BackchannelHttpHandler = Backchannel();
            options.TokenValidationParameters.ValidAlgorithms = algorithms;
            options.TokenValidationParameters.IssuerValidator = (issuer, _, _) => CheckIssuer(issuer, settings);
            // By default the handler removes the claim acr.
            options.ClaimActions.Remove("acr");
            options.SignInScheme = SessionCookie.SchemeName;
            options.Scope.Clear();
            foreach (var scope in settings.Scopes) options.Scope.Add(scope);
            options.Events.OnRedirectToIdentityProvider = context =>
            {
                if (context.HttpContext.RequestServices.GetRequiredService<PublicAddress>() is { IsGiven: true } address)
                    context.ProtocolMessage.RedirectUri = address.LinkTo(CallbackPath.TrimStart('/'));
                if (settings.Acr.Count > 0) context.ProtocolMessage.AcrValues = string.Join(' ', settings.Acr);
                return Task.CompletedTask;
            };
            options.Events.OnTicketReceived = SignInAsync;
            options.Events.OnRemoteFailure = context =>
            {
                context.HttpContext.RequestServices.GetRequiredService<ILogger<OidcPeople>>()
                    .LogWarning("A sign-in at the identity provider failed: {Fault}", context.Failure?.Message);
                throw new ProblemException(401, "Not authenticated.", "The identity provider did not sign you in. Try again.");
            };
        });
        services.AddHttpContextAccessor();
        // The provider answers by a navigation from its own site, with which browsers send cookies only if they are SameSite=Lax, as these are.
        services.AddOptions<OpenIdConnectOptions>(BrowserScheme).Configure<IHttpContextAccessor>((options, accessor) =>
            (options.CorrelationCookie, options.NonceCookie) = (
                new HostCookie("notify-oidc-state.", accessor) { Expiration = patience },
                new HostCookie("notify-oidc-nonce.", accessor) { Expiration = patience }));
        services.AddHostedService<ProviderAtStart>();
        if (settings.Audience is null) return;
        services.AddSingleton(new TokenScheme(TokenSchemeName));
        services.AddAuthentication().AddJwtBearer(TokenSchemeName, options =>
        {
            options.Authority = settings.Authority.AbsoluteUri;
            options.RequireHttpsMetadata = !settings.Authority.IsLoopback;
            options.Audience = settings.Audience;
            options.MapInboundClaims = false;
            options.BackchannelHttpHandler = Backchannel();
            options.TokenValidationParameters.ValidAlgorithms = algorithms;
            options.TokenValidationParameters.IssuerValidator = (issuer, _, _) => CheckIssuer(issuer, settings);
            options.TokenValidationParameters.ClockSkew = TimeSpan.FromMinutes(1);
            options.Events = new JwtBearerEvents
            {
                OnTokenValidated = TakeAsync,
                OnAuthenticationFailed = context =>
                {
                    ProblemResponses.Explain(context.HttpContext, "The access token is not valid here.");
                    return Task.CompletedTask;
                },
            };
        });
        services.AddLogging(x => x.AddFilter(typeof(JwtBearerHandler).FullName, LogLevel.Warning));
    }

    /// <summary>Does not follow redirects: only the provider itself may answer.</summary>
    private static SocketsHttpHandler Backchannel() =>
        new() { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };

    private static string CheckIssuer(string issuer, OidcSettings settings) => settings.IsIssuer(issuer) ? issuer
        : throw new SecurityTokenInvalidIssuerException(
            $"The token is of {issuer}; the provider that is set up here is {settings.Issuer} (Notify__Oidc__Issuer).");

    private static async Task SignInAsync(TicketReceivedContext context)
    {
        var http = context.HttpContext;
        var (settings, people) = (http.RequestServices.GetRequiredService<OidcSettings>(), http.RequestServices.GetRequiredService<OidcPeople>());
        if (settings.Acr.Count > 0 && !settings.Acr.Contains(context.Principal!.FindFirst("acr")?.Value, StringComparer.Ordinal))
            throw new ProblemException(
                403, "Not allowed.", "The identity provider did not sign you in strongly enough. Sign in again, with what it asks for.");
        var back = context.ReturnUri is { Length: > 0 } given ? given : "/";
        if (OidcSigningEndpoints.IsFor(context.Properties!)) back = await OidcSigningEndpoints.EndAsync(context, people, back);
        else
        {
            var user = await people.SignInAsync(context.Principal!, RequestAudit.OfNobody(http), http.RequestAborted);
            var signedIn = await http.RequestServices.GetRequiredService<StartSession>()
                .RunAsync(user, SignInMethods.Oidc, _ => [], RequestAudit.OfNobody(http), http.RequestAborted);
            await http.RequestServices.GetRequiredService<EndSessions>()
                .EndReplacedAsync(SessionCookie.SentWith(http), signedIn, RequestAudit.OfNobody(http), http.RequestAborted);
            await SessionCookie.SetAsync(http, signedIn.UserId, signedIn.Session.Id);
        }

        http.Response.Redirect(back);
        context.HandleResponse();
    }

    private static async Task TakeAsync(Microsoft.AspNetCore.Authentication.JwtBearer.TokenValidatedContext context)
    {
        var http = context.HttpContext;
        try
        {
            var user = await http.RequestServices.GetRequiredService<OidcPeople>()
                .FindAsync(context.Principal!, RequestAudit.OfNobody(http), http.RequestAborted);
            var now = await http.RequestServices.GetRequiredService<PeopleCache>().RecentAsync(http.RequestAborted);
            context.Principal = now.PrincipalOf(user, SignInMethods.Oidc, sessionId: null);
        }
        catch (ProblemException e) when (e.Status == 401)
        {
            ProblemResponses.Explain(http, e.Message);
            context.Fail(e.Message);
        }
    }

    /// <summary>Logs at the start what is wrong with the settings, before somebody fails to sign in.</summary>
    private sealed class ProviderAtStart(
        IOptionsMonitor<OpenIdConnectOptions> options, OidcSettings settings, ILogger<OidcPeople> logger) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            try
            {
                var provider = await options.Get(BrowserScheme).ConfigurationManager!.GetConfigurationAsync(stoppingToken);
                if (!settings.IsIssuer(provider.Issuer)) logger.LogError(
                    "The identity provider calls itself {Issuer}, not {Expected}: nobody can sign in there. If it is the right one, set Notify__Oidc__Issuer to what it calls itself",
                    provider.Issuer, settings.Issuer);
            }
            catch (Exception e) when (e is InvalidOperationException or HttpRequestException or IOException)
            {
                logger.LogWarning("The identity provider cannot be reached: {Fault}", e.GetBaseException().Message);
            }
        }
    }
}
