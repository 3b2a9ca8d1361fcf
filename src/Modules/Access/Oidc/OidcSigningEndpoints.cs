using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notify.Access.Credentials;
using Notify.Access.People;
using Notify.Access.Verifying;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Access.Oidc;

/// <summary>
/// People without a password sign by signing in at the identity provider once more: <c>GET /session/oidc/start?purpose=sign</c> redirects there and
/// comes back with a proof (<see cref="ProviderProofs"/>). The protected state of the request carries the person, the session, the time and what is
/// to be signed.
/// </summary>
internal static class OidcSigningEndpoints
{
    private const string User = "sign.user";
    private const string Session = "sign.session";
    private const string Subject = "sign.subject";
    private const string Meaning = "sign.meaning";
    private const string At = "sign.at";
    private const int LongestSubject = 100;

    /// <summary>The accepted difference between the provider's clock and Notify's.</summary>
    private static readonly TimeSpan skew = TimeSpan.FromSeconds(30);

    /// <exception cref="ProblemException">400: the subject or the meaning is missing or unknown; 401: the caller is not signed in; 403: the person
    /// does not sign in at the provider.</exception>
    public static async Task<AuthenticationProperties> BeginAsync(HttpContext http)
    {
        var audit = http.Audit();
        if (audit.Actor.Kind != "user" || audit.Session is not { } session) throw new ProblemException(401, "Not authenticated.", "Sign in first.");
        var now = await http.RequestServices.GetRequiredService<PeopleCache>().ReadAsync(http.RequestAborted);
        if (now.FindUser(audit.Actor.Id) is not { Settings.SignIn: SignInMethod.Oidc }) throw new ProblemException(
            403, "Not allowed.", "Signing at the identity provider is for who signs in there. Sign with your password or a code.");
        var (subject, meaning) = (http.Query().Text("subject") ?? "", http.Query().Text("meaning") ?? "");
        if (subject.Length is 0 or > LongestSubject) throw ProblemException.Invalid(
            "subject", "Say what is signed: the id of a proposal or an emergency, or emergency or historyreview for a new one.");
        if (!new ProviderProofs.Purpose(subject, meaning).IsKnown) throw ProblemException.Invalid(
            "meaning", "Nothing is signed with this meaning: approved, proposed, requested, confirmed and reviewed, each for what it fits.");
        var properties = new OpenIdConnectChallengeProperties { Prompt = "login", MaxAge = TimeSpan.Zero };
        (properties.Items[User], properties.Items[Session]) = (audit.Actor.Id, session);
        (properties.Items[Subject], properties.Items[Meaning]) = (subject, meaning);
        properties.Items[At] = Clock(http).GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return properties;
    }

    public static bool IsFor(AuthenticationProperties properties) => properties.Items.ContainsKey(Subject);

    /// <returns>The path to return to, with the proof in the fragment, which browsers do not send to servers.</returns>
    /// <exception cref="ProblemException">401: the session has ended, or the person is unknown here; 403: it was not a new sign-in, or another
    /// person's.</exception>
    public static async Task<string> EndAsync(TicketReceivedContext context, OidcPeople people, string back)
    {
        var (http, asked) = (context.HttpContext, context.Properties!.Items);
        var user = await people.FindAsync(context.Principal!, RequestAudit.OfNobody(http), http.RequestAborted);
        if (user.Id != asked[User]) throw new ProblemException(
            403, "Not allowed.", "Somebody else has signed in at the identity provider than is signed in here.");
        var (begun, now) = (DateTimeOffset.FromUnixTimeSeconds(long.Parse(asked[At]!, CultureInfo.InvariantCulture)), Clock(http).GetUtcNow());
        if (SignedInAt(context) is not { } at || at < begun - skew || at > now + skew)
        {
            http.RequestServices.GetRequiredService<ILogger<OidcPeople>>().LogWarning(
                "The identity provider was asked for a new sign-in (prompt=login, max_age=0), and its token has no auth_time that is one: {AuthTime}. Signing needs it",
                context.Principal!.FindFirst("auth_time")?.Value ?? "none");
            throw new ProblemException(
                403, "Not allowed.", "The identity provider did not make you sign in again, or does not say when you did. Ask who operates Notify.");
        }

        var account = await http.RequestServices.GetRequiredService<Accounts>().ReadAsync(user.Id, http.RequestAborted) ?? throw Accounts.Damaged();
        if (account.Sessions.Find(asked[Session]!, now) is null) throw new ProblemException(
            401, "Not authenticated.", "The session has ended. Sign in again.");
        var proof = http.RequestServices.GetRequiredService<ProviderProofs>()
            .Make(user.Id, asked[Session]!, new ProviderProofs.Purpose(asked[Subject]!, asked[Meaning]!));
        return $"{back.Split('#')[0]}#proof={Uri.EscapeDataString(proof)}";
    }

    private static DateTimeOffset? SignedInAt(TicketReceivedContext context) =>
        long.TryParse(context.Principal!.FindFirst("auth_time")?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds < DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    private static TimeProvider Clock(HttpContext http) => http.RequestServices.GetRequiredService<TimeProvider>();
}
