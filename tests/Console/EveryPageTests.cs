using System.Reflection;
using Microsoft.AspNetCore.Components;
using Microsoft.Playwright;
using Notify.Testing;
using Notify.Ui.Parts;

namespace Notify.Console.Tests;

/// <summary>What holds for every page, in both languages, both themes, on a desk and on a phone.</summary>
[Collection(nameof(ConsoleHost))]
public sealed class EveryPageTests(ConsoleHost host)
{
    /// <summary>Every address without a parameter.</summary>
    public static IEnumerable<string> Addresses() => Pages().Select(x => x.Address);

    private static IEnumerable<(Type Page, string Address)> Pages() =>
        from assembly in Host.Modules.All.Append(typeof(Host.Modules).Assembly)
        from page in assembly.GetTypes()
        where page.IsDefined(typeof(PagePermissionAttribute)) || page.IsDefined(typeof(OwnPageAttribute))
        from route in page.GetCustomAttributes<RouteAttribute>()
        where !route.Template.Contains('{', StringComparison.Ordinal)
        orderby route.Template
        select (page, route.Template.TrimStart('/'));

    [Theory]
    [InlineData("en-GB", "en", false, false, true)]
    [InlineData("zh-CN", "zh-Hans", true, false, false)]
    [InlineData("zh-CN", "zh-Hans", false, true, false)]
    [InlineData("en-GB", "en", true, true, false)]
    public async Task every_page_is_whole(string language, string lang, bool dark, bool phone, bool opened)
    {
        await host.EnsureFilledAsync();
        await using var console = await host.SignInAsync(language, dark, phone);
        var found = new List<string>();
        Type? left = null;
        foreach (var (page, address) in Pages())
        {
            // By its address, or from another page as most people come to it.
            if (opened || left is null || left == page) await console.GoAsync(address);
            else await console.GoOnAsync(address);
            left = page;
            (await console.Page.Locator("html").GetAttributeAsync("lang")).Should().Be(lang);
            (await console.Page.TitleAsync()).Should().EndWith(" · Notify", $"/{address} has a title of its own");
            (await console.Heading.CountAsync()).Should().Be(1, $"/{address} has one heading");
            if (lang == "zh-Hans" && !(await console.Heading.InnerTextAsync()).Any(x => x >= '\u4e00'))
                found.Add($"/{address}: its heading is not Chinese");
            if (await console.Page.Locator(".content .notice-error").CountAsync() > 0)
                found.Add($"/{address}: it shows a fault: " + await console.Page.Locator(".content .notice-error").First.InnerTextAsync());
            found.AddRange((await console.AxeAsync()).Select(x => $"/{address}: {x}"));
            if (await console.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"))
                found.Add($"/{address}: it is wider than the screen: " + await console.Page.EvaluateAsync<string>(
                    "[...document.querySelectorAll('body *')].filter(x => x.getBoundingClientRect().right > innerWidth + 1).map(x => x.outerHTML.slice(0, 120)).slice(0, 5).join(' … ')"));
            found.AddRange((await console.Page.EvaluateAsync<string[]>(
                "[...document.querySelectorAll('.table-box')].filter(x => x.checkVisibility() && x.scrollWidth > x.clientWidth + 1).map(x => `${x.querySelector('caption')?.innerText ?? x.innerText}” scrolls sideways by ${x.scrollWidth - x.clientWidth} of ${x.clientWidth}; its columns: ${[...x.querySelectorAll('thead th')].map(y => Math.round(y.getBoundingClientRect().width))}`)"))
                .Select(x => $"/{address}: its table “{x}"));
        }

        found.Should().BeEmpty();
        console.Faults.Should().BeEmpty();
    }

    [Theory]
    [InlineData("sign-in")]
    [InlineData("set-up")]
    public async Task the_pages_for_everybody_are_whole(string address)
    {
        foreach (var language in new[] { "en-GB", "zh-CN" })
        {
            await using var console = await host.OpenAsync(language, dark: language == "zh-CN", phone: language == "zh-CN");
            await console.Page.GotoAsync("/" + address);
            await console.Heading.WaitForAsync();
            (await console.AxeAsync()).Should().BeEmpty();
            console.Faults.Should().BeEmpty();
        }
    }

    [Theory]
    [InlineData("sign-in")]
    [InlineData("set-up")]
    public async Task a_password_typed_before_the_script_has_come_is_not_sent(string address)
    {
        await using var console = await host.OpenAsync(scripts: false);
        await console.Page.GotoAsync("/" + address);
        await console.Page.Locator("#userName").FillAsync("zhang.san");
        await console.Page.Locator("#password").FillAsync(ConsoleHost.Password);
        await console.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(console.Page.Locator("button[type=submit]")).ToBeDisabledAsync();
        await Assertions.Expect(console.Page.Locator("#password")).ToHaveValueAsync(ConsoleHost.Password);
        console.Page.Url.Should().EndWith("/" + address);
    }

    [Fact]
    public async Task who_has_not_signed_in_is_led_to_the_sign_in_and_back()
    {
        await host.EnsureSetUpAsync();
        await using var console = await host.OpenAsync();
        await console.Page.GotoAsync("/services?sort=name");
        await console.ExpectAddressAsync("/sign-in?to=services%3Fsort%3Dname");
        await Assertions.Expect(console.Page.Locator("#code")).ToBeHiddenAsync();
        await console.Page.Locator("#userName").FillAsync(ConsoleHost.UserName);
        await console.Page.Locator("#password").FillAsync("a wrong password of four words");
        await console.Page.Locator("button[type=submit]").ClickAsync();
        await Assertions.Expect(console.Page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await console.Page.Locator("#password").FillAsync(ConsoleHost.Password);
        await console.Page.Locator("button[type=submit]").ClickAsync();
        await Assertions.Expect(console.Heading).ToHaveTextAsync("Services");
        console.Page.Url.Should().EndWith("/services?sort=name");
    }

    [Fact]
    public async Task who_opens_a_link_that_needs_a_sign_in_is_led_back_to_it_without_the_server_seeing_it()
    {
        await host.EnsureSetUpAsync();
        await using var console = await host.OpenAsync();
        var asked = new List<string>();
        console.Page.Request += (_, request) => asked.Add(request.Url + request.PostData);
        await console.Page.GotoAsync("/sign-in#to=a%2Fnobodys-link");
        await console.Page.GetByText("中文", new() { Exact = true }).ClickAsync();
        await Assertions.Expect(console.Heading).ToHaveTextAsync("登录 Notify");
        await console.Page.GetByText("English", new() { Exact = true }).ClickAsync();
        await Assertions.Expect(console.Heading).ToHaveTextAsync("Sign in to Notify");
        await console.Page.Locator("#userName").FillAsync(ConsoleHost.UserName);
        await console.Page.Locator("#password").FillAsync(ConsoleHost.Password);
        await console.Page.Locator("button[type=submit]").ClickAsync();
        await Assertions.Expect(console.Heading).ToHaveTextAsync("There is nothing at this link");
        console.Page.Url.Should().EndWith("/a/nobodys-link");
        asked.TakeWhile(x => !x.EndsWith("/a/nobodys-link", StringComparison.Ordinal)).Should().NotContain(x => x.Contains("nobodys-link"))
            .And.Contain(x => x.Contains("/api/v1/session"));
    }

    [Theory]
    [InlineData("sign-in?to=services%3Fsort%3Dname", "Services", "/services?sort=name")]
    [InlineData("sign-in#to=a%2Fnobodys-link", "There is nothing at this link", "/a/nobodys-link")]
    [InlineData("sign-in?to=https%3A%2F%2Fexample.com%2F", "Overview", "/")]
    public async Task who_signs_in_at_the_provider_is_led_on_as_with_a_password(string address, string heading, string end)
    {
        await host.EnsureSetUpAsync();
        var name = $"o{Guid.NewGuid():N}"[..12];
        await host.Notify.Client.PostToAsync("users", new { userName = name, name, roles = new[] { "viewer" }, signIn = "oidc" });
        host.Provider.Person = new(name, name, name);
        await using var console = await host.OpenAsync();
        var asked = new List<string>();
        console.Page.Request += (_, request) => asked.Add(request.Url + request.PostData);
        await console.Page.GotoAsync("/" + address);
        await console.Page.GetByRole(AriaRole.Link, new() { Name = "Sign in with your organisation" }).ClickAsync();
        await Assertions.Expect(console.Heading).ToHaveTextAsync(heading);
        console.Page.Url.Should().Be(host.Notify.Url + end);
        asked.Should().Contain(x => x.StartsWith(host.Provider.Url, StringComparison.Ordinal));
        asked.TakeWhile(x => !x.EndsWith("/a/nobodys-link", StringComparison.Ordinal)).Should().NotContain(x => x.Contains("nobodys-link"));
    }

    [Fact]
    public async Task a_person_without_a_right_sees_why()
    {
        await host.EnsureSetUpAsync();
        await host.AddPersonAsync("intake.only", "intake");
        await using var console = await host.SignInAsync(userName: "intake.only");
        await console.GoAsync("services");
        await Assertions.Expect(console.Page.GetByText("configuration.read")).ToBeVisibleAsync();
        await Assertions.Expect(console.Page.Locator(".menu").GetByText("Services")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task an_address_that_there_is_not_says_so_in_a_page_to_a_browser_and_in_a_problem_document_to_a_program()
    {
        await using var console = await host.SignInAsync("zh-CN");
        var answer = (await console.Page.GotoAsync("/no-such-page/at-all"))!;
        answer.Status.Should().Be(404);
        await Assertions.Expect(console.Heading).ToHaveTextAsync("页面不存在");
        await Assertions.Expect(console.Page.Locator(".menu")).ToBeVisibleAsync();
        (await console.Page.TitleAsync()).Should().EndWith(" · Notify");
        // The same where a page of the console leads to it.
        await console.GoAsync("account");
        await console.Page.EvaluateAsync("document.querySelector('.menu a').setAttribute('href', 'no-such-page')");
        await console.Page.Locator(".menu a").First.ClickAsync();
        await Assertions.Expect(console.Heading).ToHaveTextAsync("页面不存在");
        await Assertions.Expect(console.Page.Locator(".menu")).ToBeVisibleAsync();

        foreach (var (address, accept) in new[] { ("/no-such-page", "application/json"), ("/api/v1/no-such-thing", "text/html") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, UriKind.Relative));
            request.Headers.Accept.ParseAdd(accept);
            using var refused = await host.Notify.Client.SendAsync(request);
            ((int)refused.StatusCode, refused.Content.Headers.ContentType!.MediaType).Should().Be((404, "application/problem+json"));
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/sign-in")]
    [InlineData("/alarms")]
    public async Task the_head_of_a_page_is_that_of_the_page(string address)
    {
        await host.EnsureSetUpAsync();
        using var handler = new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false };
        using var client = new HttpClient(handler);
        using var get = await client.GetAsync(new Uri(host.Notify.Url + address));
        using var request = new HttpRequestMessage(HttpMethod.Head, new Uri(host.Notify.Url + address));
        using var head = await client.SendAsync(request);
        head.StatusCode.Should().Be(get.StatusCode);
        head.Headers.Location.Should().Be(get.Headers.Location);
        head.Content.Headers.ContentType.Should().Be(get.Content.Headers.ContentType);
        (await head.Content.ReadAsByteArrayAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task language_and_theme_are_switched_and_kept()
    {
        await using var console = await host.SignInAsync();
        await console.GoAsync("services");
        await console.Page.GetByText("中文").ClickAsync();
        await Assertions.Expect(console.Heading).ToHaveTextAsync("通知服务");
        await console.Page.Locator("[data-theme-switch]").ClickAsync();
        await Assertions.Expect(console.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await console.GoAsync("services");
        await Assertions.Expect(console.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await Assertions.Expect(console.Heading).ToHaveTextAsync("通知服务");
    }
}
