using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Testing;
using static Notify.Alarms.Tests.ByLink.AcknowledgePageTests;

namespace Notify.Alarms.Tests.ByLink;

/// <summary>What a link does not open: each test has a host of its own.</summary>
public sealed class LinkLimitTests
{
    [Fact]
    public async Task after_its_days_a_link_shows_nothing_of_the_alarm()
    {
        await using var notify = await StartAsync("Notify:AcknowledgeLinks:Days=2");
        using var phone = notify.Fixture.Phone();
        var (id, link) = await notify.Fixture.RaiseAsync(new { eventTime = "2026-01-01T00:00:00Z", path = "Site1/Boiler" });
        notify.Fixture.Advance(TimeSpan.FromDays(2) - TimeSpan.FromMinutes(5));
        (await AnswerAsync(phone.GetAsync(link))).Status.Should().Be(HttpStatusCode.OK, "a clock of the source that is behind takes nothing away");
        notify.Fixture.Advance(TimeSpan.FromMinutes(6));
        var page = await AnswerAsync(phone.GetAsync(link));
        page.Status.Should().Be(HttpStatusCode.Gone);
        page.Text.Should().Contain("The link has expired").And.NotContain("Site1").And.NotContain("<form");
        (await PostAsync(phone, link, ("name", "Late"))).Status.Should().Be(HttpStatusCode.Gone);
        (await notify.Fixture.StateAsync(id)).Should().Be("ActiveUnacked");
    }

    [Fact]
    public async Task whoever_guesses_learns_nothing_and_is_slowed_down_and_a_link_that_holds_opens_all_the_same()
    {
        await using var notify = await StartAsync();
        using var phone = notify.Fixture.Phone();
        var (id, link) = await notify.Fixture.RaiseAsync();
        var (token, start) = (LinkFixture.TokenOf(link), $"{LinkFixture.Address}/n/a/");
        var links = notify.Fixture.Host.Services.GetRequiredService<AcknowledgeLinks>();
        var gone = await AnswerAsync(phone.GetAsync(new Uri(links.To(Ids.Derived("alarm", "s\nnever"), 1))));
        var later = await AnswerAsync(phone.GetAsync(new Uri(links.To(id, 99))));
        gone.Status.Should().Be(HttpStatusCode.NotFound);
        later.Should().Be(gone, "what is signed and leads nowhere is not told apart");

        for (var i = 0; i < token.Length; i++)
        {
            var forged = new Uri(start + token[..i] + (token[i] == '0' ? '1' : '0') + token[(i + 1)..]);
            var answer = i % 2 == 0 ? await AnswerAsync(phone.GetAsync(forged)) : await PostAsync(phone, forged, ("name", "Eve"));
            if (i < WrongKeys.MostPerMinute) answer.Should().Be(gone);
            else answer.Status.Should().Be(HttpStatusCode.TooManyRequests);
        }

        using var slow = await phone.GetAsync(new Uri(start + "x"));
        slow.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        slow.Headers.RetryAfter!.Delta!.Value.TotalSeconds.Should().BeInRange(1, 60);
        (await notify.Fixture.StateAsync(id)).Should().Be("ActiveUnacked");
        (await PostAsync(phone, link, ("name", "Li Si"))).Status.Should().Be(HttpStatusCode.OK);
        notify.Fixture.Advance(TimeSpan.FromMinutes(2));
        (await AnswerAsync(phone.GetAsync(new Uri(start + "x")))).Should().Be(gone);
    }

    [Fact]
    public async Task where_a_sign_in_is_required_the_link_alone_opens_nothing()
    {
        await using var notify = await StartAsync("Notify:AcknowledgeLinks:SignIn=true");
        var (id, link) = await notify.Fixture.RaiseAsync(new { path = "Site1/Boiler" });
        using var phone = notify.Fixture.Phone("zh");
        foreach (var answer in new[] { await AnswerAsync(phone.GetAsync(link)), await PostAsync(phone, link, ("name", "Eve")) })
        {
            answer.Status.Should().Be(HttpStatusCode.Unauthorized);
            answer.Text.Should().Contain("请先登录").And.NotContain("Site1").And.NotContain("<form")
                .And.Contain($"href=\"../sign-in#to=a%2F{LinkFixture.TokenOf(link)}\"");
        }

        using var viewer = await notify.Fixture.Host.ClientOfRoleAsync("viewer");
        (await PostAsync(viewer, notify.Fixture.Direct(link), ("name", "Eve"))).Status.Should().Be(HttpStatusCode.Forbidden);
        (await notify.Fixture.StateAsync(id)).Should().Be("ActiveUnacked");

        using var operators = await notify.Fixture.Host.ClientOfRoleAsync("operator");
        var page = await AnswerAsync(operators.GetAsync(notify.Fixture.Direct(link)));
        page.Text.Should().Contain("You acknowledge as the operator.").And.NotContain("id=\"name\"");
        (await PostAsync(operators, notify.Fixture.Direct(link), ("name", "Somebody else"))).Text.Should().Contain("Acknowledged by the operator.");
        var alarm = await notify.Fixture.Host.GetAsync($"alarms/{id}");
        ((string)alarm["ackUser"]!).Should().Be("the operator");
    }

    [Fact]
    public async Task a_person_who_has_signed_in_acknowledges_by_their_session()
    {
        await using var notify = await StartAsync("Notify:AcknowledgeLinks:SignIn=true");
        var (id, link) = await notify.Fixture.RaiseAsync();
        const string Password = "viola teapot lunar crescent";
        var user = await notify.Fixture.Host.PostAsync("users", new { userName = "wang", name = "王伟", roles = new[] { "operator" }, signIn = "password" });
        using var set = await notify.Fixture.Host.Client.PostAsJsonAsync(
            new Uri($"/api/v1/users/{user["id"]}/password", UriKind.Relative), new { password = Password, mustChange = false });
        set.EnsureSuccessStatusCode();
        using var browser = Browser.Of(notify.Fixture.Host);
        await browser.SignInAsync("wang", Password);

        using var phone = notify.Fixture.Phone();
        phone.DefaultRequestHeaders.Add("Cookie", browser.CookieHeader);
        (await PostAsync(phone, link, ("note", "forged by another page"))).Status.Should().Be(HttpStatusCode.Unauthorized);
        phone.DefaultRequestHeaders.Add("Origin", LinkFixture.Address);
        (await PostAsync(phone, link, ("note", ""))).Text.Should().Contain("Acknowledged by 王伟.");
        var entry = (await notify.Fixture.Host.GetAsync($"audit?resource={id}"))["items"]!.AsArray()
            .Single(x => (string)x!["type"]! == "alarms.alarm_acknowledged.v1")!;
        ((string)entry["actor"]!["kind"]!, (string)entry["actor"]!["id"]!).Should().Be(("user", (string)user["id"]!));
    }

    [Fact]
    public async Task where_a_sign_in_is_required_a_personal_link_acknowledges_for_whoever_has_signed_in_and_not_for_whom_it_was_sent_to()
    {
        await using var notify = await StartAsync("Notify:AcknowledgeLinks:SignIn=true");
        var host = notify.Fixture.Host;
        var (id, everybodys) = await notify.Fixture.RaiseAsync(new { path = "Site1/Boiler" });
        var receiver = await host.PostAsync("users", new { userName = "zhao", name = "赵六", email = "zhao@plant.example" });
        var links = host.Services.GetRequiredService<AcknowledgeLinks>();
        var own = new Uri(links.For((string)receiver["id"]!, "email").To(id, 1));
        LinkFixture.TokenOf(own).Should().NotBe(LinkFixture.TokenOf(everybodys));
        using var phone = notify.Fixture.Phone();
        foreach (var answer in new[] { await AnswerAsync(phone.GetAsync(own)), await PostAsync(phone, own, ("note", "mine")) })
        {
            answer.Status.Should().Be(HttpStatusCode.Unauthorized);
            answer.Text.Should().NotContain("赵六").And.NotContain("Site1").And.NotContain("<form");
        }

        using var operators = await host.ClientOfRoleAsync("operator");
        (await AnswerAsync(operators.GetAsync(notify.Fixture.Direct(own)))).Text.Should().Contain("You acknowledge as the operator.").And.NotContain("赵六");
        (await PostAsync(operators, notify.Fixture.Direct(own), ("note", "on my way"))).Text.Should().Contain("Acknowledged by the operator.");
        var entry = (await host.GetAsync($"audit?resource={id}"))["items"]!.AsArray()
            .Single(x => (string)x!["type"]! == "alarms.alarm_acknowledged.v1")!;
        ((string)entry["actor"]!["kind"]!, (string)entry["actor"]!["name"]!).Should().Be(("apiKey", "the operator"));
        // The record still says by which link.
        entry.ToJsonString().Should().Contain(links.FingerprintOf(LinkFixture.TokenOf(own)));
        ((string)(await host.GetAsync($"alarms/{id}"))["ackUser"]!).Should().Be("the operator");
    }

    [Theory]
    [InlineData("Days=0", "from 1 to 90")]
    [InlineData("Days=91", "from 1 to 90")]
    [InlineData("Days=soon", "Days")]
    [InlineData("Generation=-1", "negative")]
    public async Task a_setting_that_cannot_be_is_refused_at_the_start(string setting, string why)
    {
        var start = () => NotifyHost.StartAsync([$"Notify:AcknowledgeLinks:{setting}"]);
        (await start.Should().ThrowAsync<Exception>()).Which.ToString().Should().Contain(why);
    }

    private static async Task<Started> StartAsync(params string[] settings)
    {
        var fixture = new LinkFixture(settings);
        await fixture.InitializeAsync();
        return new(fixture);
    }

    private sealed record Started(LinkFixture Fixture) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await Fixture.DisposeAsync();
    }
}
