using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Kernel.Tests.Http;

public sealed class AcknowledgeLinksTests : IDisposable
{
    private static readonly string alarm = Ids.Derived("alarm", "s\nboiler");
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("notify-test-");

    public void Dispose() => data.Delete(recursive: true);

    [Fact]
    public void the_same_change_has_the_same_link_on_every_node_and_at_any_time()
    {
        var link = Of().To(alarm, 3);
        link.Should().Be(Of().To(alarm, 3)).And.StartWith("https://ops.example.com/n/a/");
        TokenOf(link).Should().MatchRegex("^[0-9a-z]{43,46}$", "a short message has few characters, and no program takes one of these for the end of a link");
        Of().To(alarm, 4).Should().NotBe(link);
    }

    [Theory]
    [InlineData(1L)]
    [InlineData(31L)]
    [InlineData(999_999_999_999_999_999L)]
    public void a_link_is_read_whatever_its_case(long version)
    {
        var token = TokenOf(Of().To(alarm, version));
        Of().Read(token).Should().Be((alarm, version));
        Of().Read(token.ToUpperInvariant()).Should().Be((alarm, version));
        Of().FingerprintOf(token).Should().Be(Of().FingerprintOf(token.ToUpperInvariant())).And.NotContain(token[..8]);
    }

    [Fact]
    public void no_other_character_in_any_place_makes_another_link()
    {
        var token = TokenOf(Of().To(alarm, 12));
        for (var i = 0; i < token.Length; i++)
            foreach (var other in "0189az-é٣".Where(x => x != token[i])) Of().Read(token[..i] + other + token[(i + 1)..]).Should().BeNull();
        for (var length = 0; length < token.Length; length++) Of().Read(token[..length]).Should().BeNull();
        Of().Read(token + "0").Should().BeNull();
        Of().Read(token[..26] + "0" + token[26..]).Should().BeNull("a number is written in one way");
        Of().Read(token + new string('0', 10_000)).Should().BeNull();
    }

    [Fact]
    public void another_generation_or_key_revokes_it()
    {
        var token = TokenOf(Of().To(alarm, 1));
        Of(generation: 1).Read(token).Should().BeNull();
        Of(file: "other.key").Read(token).Should().BeNull();
    }

    [Theory]
    [InlineData("alarm-1", 1L)]
    [InlineData("", 1L)]
    [InlineData("notification-06c9zzzzzzzzzzzzzzzzzzzzzz", 1L)]
    public void what_is_no_change_of_an_alarm_leads_to_notify_itself(string id, long version)
    {
        Of().To(id, version).Should().Be("https://ops.example.com/n/");
        Of().To(alarm, 0).Should().Be("https://ops.example.com/n/");
    }

    [Fact]
    public void a_sample_is_as_long_as_a_link_and_is_none()
    {
        Of().Sample.Should().HaveLength(Of().To(alarm, 1).Length);
        Of().Read(TokenOf(Of().Sample)).Should().BeNull();
    }

    [Fact]
    public void a_log_has_the_path_without_the_token()
    {
        var token = TokenOf(Of().To(alarm, 1));
        AcknowledgeLinks.Loggable($"/n/a/{token}").Should().Be("/n/a/{token}");
        AcknowledgeLinks.Loggable($"/A/{token}").Should().Be("/a/{token}");
        AcknowledgeLinks.Loggable("/api/v1/alarms").Should().Be("/api/v1/alarms");
    }

    private static string TokenOf(string link) => link[(link.LastIndexOf('/') + 1)..];

    private AcknowledgeLinks Of(int generation = 0, string file = "master.key") => new(
        new PublicAddress(new ConfigurationBuilder().AddInMemoryCollection([new(PublicAddress.Setting, "https://ops.example.com/n/")]).Build()),
        new MasterKey(Path.Combine(data.FullName, file)), Options.Create(new AcknowledgeLinkSettings { Generation = generation }));
}
