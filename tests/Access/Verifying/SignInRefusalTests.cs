using System.Globalization;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Notify.Access.Credentials;
using Notify.Access.Verifying;
using Notify.Testing;

namespace Notify.Access.Tests.Verifying;

public sealed class SignInRefusalTests : IClassFixture<SignInRefusalTests.CountingHost>
{
    private readonly CountingHasher hasher;
    private readonly MovedClock clock;
    private readonly NotifyHost host;
    private readonly string name = SharedHost.NewName();
    private readonly string nobody = SharedHost.NewName();

    public SignInRefusalTests(CountingHost shared)
    {
        (hasher, clock, host) = (shared.Hasher, shared.Clock, shared.Host);
        hasher.Verified = 0;
        // What another test has tried at this address is forgotten.
        clock.Advance(TimeSpan.FromDays(2));
    }

    public sealed class CountingHost : SharedHost
    {
        public CountingHasher Hasher { get; } = new();

        protected override void Replace(IServiceCollection services)
        {
            base.Replace(services);
            services.Replace(ServiceDescriptor.Singleton<IPasswordHasher<Account>>(Hasher));
        }
    }

    [Fact]
    public async Task every_refusal_takes_the_same_work_and_says_the_same()
    {
        await host.MakePersonAsync(name);
        var (gone, phone, fresh) = (SharedHost.NewName(), SharedHost.NewName(), SharedHost.NewName());
        var disabled = await host.MakePersonAsync(gone);
        await host.SendAsync("POST", $"users/{disabled}/disable", null, "If-Match", "*");
        await host.PostAsync("users", new { userName = phone, name = "Only told", roles = Array.Empty<string>(), signIn = "none" });
        await host.PostAsync("users", new { userName = fresh, name = "Has no password yet", roles = Array.Empty<string>(), signIn = "password" });
        using var browser = Browser.Of(host);
        var answers = new List<(int Status, string Text, int Verified)>();
        foreach (var (userName, password) in new[]
        {
            (name, "not this one at all"), (nobody, "not this one at all"), (gone, SigningIn.Password), (phone, "not this one at all"),
            (fresh, "not this one at all"), ("no user/name\n", "x"),
        })
        {
            hasher.Verified = 0;
            var answer = await browser.SendAsync("POST", "session", new { userName, password, code = "123456" });
            answer.Body.Remove("traceId");
            answers.Add((answer.Status, answer.Body.ToJsonString(), hasher.Verified));
        }

        answers.Distinct().Should().ContainSingle();
        answers[0].Status.Should().Be(401);
        answers[0].Verified.Should().Be(1);
        browser.CookieHeader.Should().BeEmpty();
    }

    [Fact]
    public async Task each_field_that_is_missing_is_named()
    {
        using var browser = Browser.Of(host);
        (await browser.SendAsync("POST", "session", new { })).Faults.Should().Equal("password", "userName");
        (await browser.SendAsync("POST", "session", new { userName = "", password = "" })).Faults.Should().Equal("password", "userName");
        (await browser.SendAsync("POST", "session", new { userName = (string?)null, password = (string?)null })).Faults.Should().Equal("password", "userName");
        (await browser.SendAsync("POST", "session", new { userName = "x", password = "y", remember = true })).Faults.Should().Equal("remember");
        (await browser.SendAsync("POST", "session", new { userName = "x", password = new string('y', 5000) })).Faults.Should().Equal("password");
        (await browser.SendAsync("POST", "session", new { userName = 1, password = true })).Faults.Should().Equal("password", "userName");
        hasher.Verified.Should().Be(0);
    }

    [Fact]
    public async Task a_page_of_somebody_else_signs_nobody_in()
    {
        await host.MakePersonAsync(name);
        using var browser = Browser.Of(host);
        var body = new { userName = name, password = SigningIn.Password };
        foreach (var headers in new string[][] { ["Origin", "https://evil.example"], ["Origin", "null"], ["Sec-Fetch-Site", "cross-site"] })
            (await browser.SendRawAsync("POST", "/api/v1/session", body, headers)).Status.Should().Be(403);
        (await browser.SendRawAsync("POST", "/api/v1/session", body)).Status.Should().Be(200, "a program sends neither");
    }

    [Fact]
    public async Task who_guesses_has_to_wait_alike_for_users_that_are_there_and_that_are_not()
    {
        await host.MakePersonAsync(name);
        using var browser = Browser.Of(host);
        foreach (var userName in new[] { name, nobody })
        {
            for (var i = 0; i < SignInThrottle.FreeAtAddress; i++) (await Try(browser, userName, "not this one at all")).Status.Should().Be(401);
            hasher.Verified = 0;
            var waits = await Try(browser, userName, SigningIn.Password);
            (waits.Status, waits.Detail, waits.RetryAfter).Should().Be((429, "Too many wrong tries. Try again in 1 seconds.", TimeSpan.FromSeconds(1)));
            hasher.Verified.Should().Be(0, "it is not even looked at");
        }

        clock.Advance(TimeSpan.FromSeconds(1));
        (await Try(browser, name, SigningIn.Password)).Status.Should().Be(200);
    }

    [Fact]
    public async Task tries_from_elsewhere_keep_nobody_out_where_they_have_signed_in_before()
    {
        var id = await host.MakePersonAsync(name);
        using var browser = Browser.Of(host);
        (await Try(browser, name, SigningIn.Password)).Status.Should().Be(200);
        var throttle = host.Services.GetRequiredService<SignInThrottle>();
        for (var i = 0; i < 5000; i++)
            throttle.Begin(name, string.Create(CultureInfo.InvariantCulture, $"203.0.{i / 200}.{i % 200}"), isKnownHere: false);
        (await Try(browser, name, SigningIn.Password)).Status.Should().Be(200);
        id.Should().StartWith("user-");
    }

    [Fact]
    public async Task failed_sign_ins_are_on_record_counted_and_without_what_was_typed()
    {
        // Of its own: whose they are is not said, so that those of other tests would be counted, too.
        await using var own = await NotifyHost.StartAsync();
        using var browser = Browser.Of(own);
        for (var i = 0; i < 4; i++) await Try(browser, "SecretTypedIntoTheWrongField", "AnotherSecretThing99");
        var entries = await Eventually.GetAsync(() => own.Client.GetAllFromAsync("audit?type=access.sign_in_failed.v1"), x => x.Count > 0);
        entries.Sum(x => x["data"]!["count"]!.GetValue<int>()).Should().BeInRange(1, 4);
        ((string?)entries[0]["data"]!["path"]).Should().Be("/api/v1/session");
        entries.Should().OnlyContain(x => !x.ToJsonString().Contains("Secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task that_a_user_is_being_guessed_is_on_record_with_the_user()
    {
        var id = await host.MakePersonAsync(name);
        var throttle = host.Services.GetRequiredService<SignInThrottle>();
        for (var i = 1; i < SignInThrottle.FreeOfUser; i++) throttle.Begin(name, $"203.0.113.{i}", isKnownHere: false);
        using var browser = Browser.Of(host);
        (await Try(browser, name, "not this one at all")).Status.Should().Be(401);
        var ending = id["user-".Length..];
        (await host.Client.GetAllFromAsync("audit?type=access.sign_ins_slowed.v1")).Should()
            .ContainSingle(x => ((string)x["resource"]!["id"]!).EndsWith(ending, StringComparison.Ordinal));
    }

    private static Task<RestAnswer> Try(Browser browser, string userName, string password) =>
        browser.SendAsync("POST", "session", new { userName, password });

    /// <summary>The real one, and how often it was asked.</summary>
    public sealed class CountingHasher : PasswordHasher<Account>, IPasswordHasher<Account>
    {
        public int Verified { get; set; }

        PasswordVerificationResult IPasswordHasher<Account>.VerifyHashedPassword(Account user, string hashedPassword, string providedPassword)
        {
            Verified++;
            return base.VerifyHashedPassword(user, hashedPassword, providedPassword);
        }
    }
}
