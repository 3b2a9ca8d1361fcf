using System.Net;
using Notify.Peers.Oidc;
using Notify.Testing;

namespace Notify.Access.Tests.Oidc;

/// <summary>Who has no password here signs by signing in once more at the identity provider.</summary>
public sealed class OidcSigningTests(OidcSigningTests.SigningHost shared) : IClassFixture<OidcSigningTests.SigningHost>, IAsyncLifetime
{
    private const string Used = "This proof is over, was used, or is not for this: sign in again at the identity provider, to sign just this.";

    private readonly ProviderPerson wang = NewPerson("Wang Wei");
    private readonly ProviderPerson zhao = NewPerson("Zhao Min");
    private readonly MovedClock clock = shared.Clock;
    private readonly IdentityProvider provider = shared.Provider;
    private readonly NotifyHost host = shared.Host;
    private readonly Example example = shared.Example;
    private Browser author = null!;
    private Browser approver = null!;

    public sealed class SigningHost : ProviderHost
    {
        public Example Example { get; private set; } = null!;

        protected override string[] Settings => [.. base.Settings, "Notify:Oidc:CreateUsers=false"];

        public override async Task InitializeAsync()
        {
            await base.InitializeAsync();
            Example = await Example.MakeAsync(Host);
            (await Host.PutAsync("approval-policy", 0, new { kinds = new[] { "message" }, signature = "approver" })).Status.Should().Be(200);
        }
    }

    public async Task InitializeAsync()
    {
        provider.SignedInAt = clock.GetUtcNow().AddHours(-1);
        author = await host.SignedInAsync(SharedHost.NewName(), "administrator");
        approver = await SignedInAsync(wang);
    }

    public Task DisposeAsync()
    {
        author.Dispose();
        approver.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task who_signs_in_at_the_provider_approves_with_a_new_sign_in_there()
    {
        var id = await ProposeAsync();
        (await SignAsync(approver, id, new { password = SigningIn.Password })).Status.Should().Be(403, "there is no password");
        var start = await StartAsync(approver, $"subject={id}&meaning=approved&returnUrl=/people/approvals/{id}");
        start.Headers.Location!.Query.Should().Contain("prompt=login").And.Contain("max_age=0");
        var back = await approver.SendRawAsync("GET", (await FollowAsync(start.Headers.Location!)).PathAndQuery);
        back.Headers.Location!.OriginalString.Should().StartWith($"/people/approvals/{id}#proof=");
        var proof = ProofOf(back);

        var approved = await SignAsync(approver, id, new { method = "oidc", proof, meaning = "approved" });
        approved.Status.Should().Be(200, approved.Text);
        var signature = approved.Body["signatures"]!.AsArray().Should().ContainSingle().Subject!;
        ((string?)signature["method"], (string?)signature["displayName"]).Should().Be(("oidc", "Wang Wei"));
        approved.Text.Should().NotContain(proof);
        (await host.PostAsync("audit/verify", new { }))["findings"]!.AsArray().Should().BeEmpty();
        var history = (await host.GetAsync("audit?limit=1000&order=desc")).ToJsonString();
        history.Should().Contain("access.proposal_approved.v1").And.NotContain(proof);
    }

    [Fact]
    public async Task a_proof_counts_once_for_three_minutes_in_its_session_and_for_one_thing()
    {
        var (first, second) = (await ProposeAsync(), await ProposeAsync());
        var proof = await ProofAsync(approver, first);
        Refused(await SignAsync(approver, second, new { proof }), "it is for something else");
        using var elsewhere = await SignedInAsync(wang, isThere: true);
        Refused(await SignAsync(elsewhere, first, new { proof }), "it is another session's");
        using var other = await SignedInAsync(zhao);
        Refused(await SignAsync(other, first, new { proof }), "it is somebody else's");
        Refused(await SignAsync(approver, first, new { proof = proof[..^8] + "AAAAAAAA" }), "it was altered");
        (await SignAsync(approver, first, new { proof = "" })).Status.Should().Be(400, "it is none");
        clock.Advance(TimeSpan.FromMinutes(3.1));
        Refused(await SignAsync(approver, first, new { proof }), "it is over");

        proof = await ProofAsync(approver, first);
        (await SignAsync(approver, first, new { proof })).Status.Should().Be(200);
        var third = await ProposeAsync();
        proof = await ProofAsync(approver, third);
        await host.RefuseAsync("access.proposal_approved.v1");
        (await SignAsync(approver, third, new { proof })).Status.Should().Be(500);
        await host.AcceptAgainAsync();
        Refused(await SignAsync(approver, third, new { proof }), "it was used, if for nothing");
        Refused(await SignAsync(approver, third, new { proof = proof + "\n" }), "it is the same, written in another way");
        (await SignAsync(approver, third, new { proof = await ProofAsync(approver, third) })).Status.Should().Be(200);
    }

    [Fact]
    public async Task a_sign_in_of_before_or_of_somebody_else_at_the_provider_proves_nothing()
    {
        var id = await ProposeAsync();
        provider.AsksAgain = false;
        var old = await ComeBackAsync(approver, id);
        (old.Status, old.Detail).Should().Be(
            (403, "The identity provider did not make you sign in again, or does not say when you did. Ask who operates Notify."));
        (provider.AsksAgain, provider.Person) = (true, zhao);
        await host.PostAsync("users", new { userName = zhao.UserName, name = zhao.Name, roles = new[] { "administrator" }, signIn = "oidc" });
        var another = await ComeBackAsync(approver, id);
        (another.Status, another.Detail).Should().Be((403, "Somebody else has signed in at the identity provider than is signed in here."));
        provider.Person = wang;
        using var nobody = Browser.Of(host);
        (await StartAsync(nobody, $"subject={id}&meaning=approved")).Status.Should().Be(401);
        (await StartAsync(author, $"subject={id}&meaning=approved")).Status.Should().Be(403, "who has a password signs with it");
        foreach (var (query, fault) in new[]
        {
            ($"subject={id}&meaning=confirmed", "meaning"), ($"subject={id}", "meaning"), ("meaning=approved", "subject"),
            ("subject=rule-1&meaning=approved", "meaning"),
        })
        {
            var refused = await StartAsync(approver, query);
            (refused.Status, string.Join(',', refused.Faults)).Should().Be((400, fault), query);
        }

        // Begun in a session that has ended meanwhile.
        var start = await StartAsync(approver, $"subject={id}&meaning=approved");
        var back = (await FollowAsync(start.Headers.Location!)).PathAndQuery;
        await approver.SendAsync("DELETE", "sessions");
        (await approver.SendRawAsync("GET", back)).Status.Should().Be(401);
    }

    [Fact]
    public async Task emergencies_and_reviews_of_the_history_are_signed_so_too()
    {
        var proof = await ProofAsync(approver, "emergency", "requested");
        var asked = await approver.SendAsync(
            "POST", "emergency", new { reason = "The gas line notifies nobody", minutes = 5, signature = new { method = "oidc", proof } });
        asked.Status.Should().Be(201, asked.Text);
        using var second = await SignedInAsync(zhao);
        Refused(await ConfirmAsync("emergency-other"), "another one");
        var confirmed = await ConfirmAsync(asked.Id);
        confirmed.Status.Should().Be(200, confirmed.Text);

        using var reader = await SignedInAsync(NewPerson("Sun Li"), role: "auditor");
        var (from, to) = (clock.GetUtcNow().AddHours(-1), clock.GetUtcNow().AddSeconds(-1));
        proof = await ProofAsync(reader, "historyreview", "reviewed");
        var review = await reader.SendAsync(
            "POST", "history-reviews", new { from, to, findings = "Nothing odd", signature = new { method = "oidc", proof } });
        review.Status.Should().Be(201, review.Text);
        ((string?)review.Body["signature"]!["method"]).Should().Be("oidc");
        (await host.PostAsync("audit/verify", new { }))["findings"]!.AsArray().Should().BeEmpty();

        async Task<RestAnswer> ConfirmAsync(string signed) => await second.SendAsync(
            "POST", $"emergency/{asked.Id}/confirm", new { signature = new { proof = await ProofAsync(second, signed, "confirmed") } });
    }

    [Fact]
    public async Task a_signature_says_by_what_it_is_made()
    {
        var id = await ProposeAsync();
        foreach (var (signature, fault) in new (object, string)[]
        {
            (new { method = "oidc" }, "signature.proof"), (new { method = "password", proof = "x" }, "signature.password"),
            (new { method = "code" }, "signature.code"), (new { password = "x", proof = "x" }, "signature"), (new { method = "oidc", proof = new string('x', 5000) }, "signature.proof"),
        })
        {
            var refused = await SignAsync(approver, id, signature);
            (refused.Status, string.Join(',', refused.Faults)).Should().Be((400, fault), $"{signature}");
        }

        (await SignAsync(approver, id, new { method = "pin" })).Status.Should().Be(400);
    }

    private static void Refused(RestAnswer answer, string why) => (answer.Status, answer.Detail).Should().Be((403, Used), why);

    private static ProviderPerson NewPerson(string name) => new(SharedHost.NewName(), SharedHost.NewName(), name);

    private async Task<string> ProposeAsync()
    {
        var body = (await host.GetAsync($"messages/{example.MessageId}")).DeepClone().AsObject();
        body["description"] = $"{Guid.NewGuid():N}";
        var proposed = await author.SendAsync("PUT", $"messages/{example.MessageId}", body, "If-Match", "*");
        proposed.Status.Should().Be(202, proposed.Text);
        return proposed.Id;
    }

    private static Task<RestAnswer> SignAsync(Browser by, string id, object signature) =>
        by.SendAsync("POST", $"proposals/{id}/approve", new { signature });

    private async Task<Browser> SignedInAsync(ProviderPerson person, bool isThere = false, string role = "administrator")
    {
        provider.Person = person;
        if (!isThere) await host.PostAsync("users", new { userName = person.UserName, name = person.Name, roles = new[] { role }, signIn = "oidc" });
        var browser = Browser.Of(host);
        var start = await browser.SendRawAsync("GET", "/api/v1/session/oidc/start");
        (await browser.SendRawAsync("GET", (await FollowAsync(start.Headers.Location!)).PathAndQuery)).Status.Should().Be(302);
        return browser;
    }

    private static Task<RestAnswer> StartAsync(Browser browser, string query) => browser.SendAsync("GET", $"session/oidc/start?purpose=sign&{query}");

    /// <returns>What Notify answers to who comes back from the provider.</returns>
    private static async Task<RestAnswer> ComeBackAsync(Browser browser, string subject, string meaning = "approved")
    {
        var start = await StartAsync(browser, $"subject={subject}&meaning={meaning}");
        start.Status.Should().Be(302, start.Text);
        return await browser.SendRawAsync("GET", (await FollowAsync(start.Headers.Location!)).PathAndQuery);
    }

    private async Task<string> ProofAsync(Browser browser, string subject, string meaning = "approved")
    {
        var session = (await browser.SendAsync("GET", "session")).Body;
        provider.Person = new[] { wang, zhao }.FirstOrDefault(x => x.UserName == (string?)session["userName"]) ?? provider.Person;
        return ProofOf(await ComeBackAsync(browser, subject, meaning));
    }

    private static string ProofOf(RestAnswer back)
    {
        back.Status.Should().Be(302, back.Text);
        var address = back.Headers.Location!.OriginalString;
        return Uri.UnescapeDataString(address[(address.IndexOf("#proof=", StringComparison.Ordinal) + "#proof=".Length)..]);
    }

    private static async Task<Uri> FollowAsync(Uri address)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var response = await client.GetAsync(address);
        response.StatusCode.Should().Be(HttpStatusCode.Redirect, await response.Content.ReadAsStringAsync());
        return response.Headers.Location!;
    }
}
