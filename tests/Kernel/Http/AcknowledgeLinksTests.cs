using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Kernel.Tests.Http;

public sealed class AcknowledgeLinksTests : IDisposable
{
    private static readonly string alarm = Ids.Derived("alarm", "s\nboiler");
    private const string li = "user-06c9zzzzzzzzzzzzzzzzzzzzzz";
    private const string wang = "user-06c9zzzzzzzzzzzzzzzzzzzzzy";
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
        Of().Read(token).Should().Be(new AcknowledgeLink(alarm, version));
        Of().Read(token.ToUpperInvariant()).Should().Be(new AcknowledgeLink(alarm, version));
        Of().FingerprintOf(token).Should().Be(Of().FingerprintOf(token.ToUpperInvariant())).And.NotContain(token[..8]);
    }

    [Fact]
    public void no_other_character_in_any_place_makes_another_link()
    {
        foreach (var token in new[] { TokenOf(Of().To(alarm, 12)), TokenOf(Of().For(li, "pager").To(alarm, 12)) }) NoOtherMakesALink(token);
    }

    private void NoOtherMakesALink(string token)
    {
        for (var i = 0; i < token.Length; i++)
            foreach (var other in "0189auz-é٣".Where(x => x != token[i])) Of().Read(token[..i] + other + token[(i + 1)..]).Should().BeNull();
        for (var length = 0; length < token.Length; length++) Of().Read(token[..length]).Should().BeNull();
        Of().Read(token + "0").Should().BeNull();
        Of().Read(token[..26] + "0" + token[26..]).Should().BeNull("a number is written in one way");
        Of().Read(token + new string('0', 10_000)).Should().BeNull();
    }

    [Fact]
    public void another_generation_or_key_revokes_it()
    {
        foreach (var token in new[] { TokenOf(Of().To(alarm, 1)), TokenOf(Of().For(li, "pager").To(alarm, 1)) })
        {
            Of(generation: 1).Read(token).Should().BeNull();
            Of(file: "other.key").Read(token).Should().BeNull();
        }
    }

    [Fact]
    public void the_link_of_one_person_names_them_by_a_mark_and_the_way_it_was_sent()
    {
        var token = TokenOf(Of().For(li, "pager").To(alarm, 3));
        token.Should().MatchRegex("^[0-9a-z]{56}$").And.NotContain(li[5..]).And.Be(TokenOf(Of().For(li, "pager").To(alarm, 3)));
        var link = Of().Read(token)!.Value;
        link.Should().Be(new AcknowledgeLink(alarm, 3, Of().MarkOfPerson(li), AcknowledgeLinks.MarkOfChannel("pager")));
        Of(file: "other.key").MarkOfPerson(li).Should().NotBe(link.Person, "what is known of one installation says nothing of another");
        TokenOf(Of().For(wang, "pager").To(alarm, 3)).Should().NotBe(token);
        TokenOf(Of().For(li, "mail").To(alarm, 3)).Should().NotBe(token);
        Of().For(li, "pager").To("alarm-1", 3).Should().Be("https://ops.example.com/n/", "there is no such change of an alarm");
    }

    [Fact]
    public void neither_the_person_nor_the_alarm_of_a_link_can_be_swapped_and_none_makes_another_kind_of_link()
    {
        var (everybodys, lis, wangs) = (
            TokenOf(Of().To(alarm, 3)), TokenOf(Of().For(li, "pager").To(alarm, 3)), TokenOf(Of().For(wang, "pager").To(alarm, 3)));
        var (mac, marks) = (16, 13);
        Of().Read(lis[..^(marks + mac)] + wangs[^(marks + mac)..^mac] + lis[^mac..]).Should().BeNull("the signature is for another person");
        Of().Read(lis[..^(marks + mac)] + lis[^mac..]).Should().BeNull("the person was cut out");
        Of().Read(everybodys[..^mac] + lis[^(marks + mac)..^mac] + everybodys[^mac..]).Should().BeNull("a person was put in");
        var other = TokenOf(Of().For(li, "pager").To(Ids.Derived("alarm", "s\npump"), 3));
        Of().Read(other[..26] + lis[26..]).Should().BeNull();
    }

    [Fact]
    public void in_a_text_everybodys_links_become_one_persons_and_nothing_else_changes()
    {
        var (first, second) = (Of().To(alarm, 3), Of().To(alarm, 4));
        var own = Of().For(li, "pager");
        var text = own.In($"[a]({first}) /a/{TokenOf(first)[..^1]} {second.ToUpperInvariant().Replace("/A/", "/a/", StringComparison.Ordinal)} /a/ {first}");
        text.Should().Be($"[a]({own.To(alarm, 3)}) /a/{TokenOf(first)[..^1]} HTTPS://OPS.EXAMPLE.COM/N/a/{TokenOf(own.To(alarm, 4))} /a/ {own.To(alarm, 3)}");
        own.In(text).Should().Be(text);
        Of().For(wang, "pager").In(text).Should().Be(text, "what is one person's never becomes another's");
        own.In("no link").Should().Be("no link");
    }

    [Fact]
    public void what_is_kept_of_a_request_with_a_persons_link_opens_nothing()
    {
        var own = Of().For(li, "pager");
        var sent = own.In($"to=li&text={Of().To(alarm, 3)}&text={Of().To(alarm, 12)}");
        var kept = own.Kept(sent);
        kept.Should().HaveLength(sent.Length).And.NotBe(sent);
        foreach (var part in kept.Split('&').Skip(1)) Of().Read(TokenOf(part)).Should().BeNull();
        own.Kept("nothing of it").Should().Be("nothing of it");
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
