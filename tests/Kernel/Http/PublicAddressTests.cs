using Microsoft.Extensions.Configuration;
using Notify.Kernel.Http;

namespace Notify.Kernel.Tests.Http;

public sealed class PublicAddressTests
{
    [Theory]
    [InlineData("https://ops.example.com", "https://ops.example.com/alarms/alarm-1", "/api/v1/rules/r")]
    [InlineData("https://ops.example.com/", "https://ops.example.com/alarms/alarm-1", "/api/v1/rules/r")]
    [InlineData("https://ops.example.com/notify", "https://ops.example.com/notify/alarms/alarm-1", "/notify/api/v1/rules/r")]
    [InlineData("https://ops.example.com/notify/", "https://ops.example.com/notify/alarms/alarm-1", "/notify/api/v1/rules/r")]
    [InlineData(" http://10.0.0.5:8066/a/b// ", "http://10.0.0.5:8066/a/b/alarms/alarm-1", "/a/b/api/v1/rules/r")]
    [InlineData("https://ops.example.com/厂 1/", "https://ops.example.com/%E5%8E%82%201/alarms/alarm-1", "/%E5%8E%82%201/api/v1/rules/r")]
    public void a_path_stays_in_every_link_with_or_without_a_slash(string given, string link, string location)
    {
        var address = Of(given);

        (address.IsGiven, address.LinkTo("alarms/alarm-1"), address.PathTo("api/v1/rules/r")).Should().Be((true, link, location));
    }

    [Theory]
    [InlineData("https://ops.example.com/notify?tenant=1", "query")]
    [InlineData("https://ops.example.com/?", "query")]
    [InlineData("https://ops.example.com/#/notify", "fragment")]
    [InlineData("ops.example.com", "not an http or https address")]
    [InlineData("/notify", "not an http or https address")]
    [InlineData("ftp://ops.example.com", "not an http or https address")]
    [InlineData("https://", "not an http or https address")]
    public void what_no_path_can_stand_behind_is_refused(string given, string why)
    {
        PublicAddress.FaultOf(given).Should().Contain(why).And.StartWith("Notify:PublicUrl");
        ((Func<PublicAddress>)(() => Of(given))).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void a_password_in_it_is_refused_and_not_repeated() =>
        PublicAddress.FaultOf("https://bob:hunter2@ops.example.com").Should().Contain("password").And.NotContain("hunter2");

    [Theory]
    [InlineData("http://127.0.0.1:8066", "http://127.0.0.1:8066")]
    [InlineData("http://10.0.0.5:8066/;http://127.0.0.1:8066", "http://10.0.0.5:8066")]
    [InlineData(null, "http://127.0.0.1")]
    public void unset_it_is_the_first_address_listened_on(string? urls, string expected)
    {
        var address = Of(null, urls);

        (address.IsGiven, address.Url).Should().Be((false, expected));
    }

    [Theory]
    [InlineData("http://0.0.0.0:8066")]
    [InlineData("http://*:8066")]
    [InlineData("http://+:8066")]
    [InlineData("http://[::]:8066")]
    public void an_address_for_listening_everywhere_never_stands_in_a_link(string urls)
    {
        var link = new Uri(Of("", urls).LinkTo("alarms/alarm-1"));

        link.Port.Should().Be(8066);
        link.Host.Should().NotBe("0.0.0.0").And.NotBe("[::]");
        PublicAddress.IsEverywhere(urls).Should().Be(":8066");
    }

    [Theory]
    [InlineData("http://127.0.0.1:8066")]
    [InlineData("http://0.0.0.0.example.com")]
    [InlineData("http://[::1]:8066")]
    public void one_address_is_not_everywhere(string url) => PublicAddress.IsEverywhere(url).Should().BeNull();

    private static PublicAddress Of(string? given, string? urls = "http://127.0.0.1:8066") => new(
        new ConfigurationBuilder().AddInMemoryCollection([new(PublicAddress.Setting, given), new("urls", urls)]).Build());
}
