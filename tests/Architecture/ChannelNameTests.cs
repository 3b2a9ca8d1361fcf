using System.Text.RegularExpressions;
using Notify.Kernel.Http;

namespace Notify.Architecture.Tests;

/// <summary>A channel is known by its folder and the line that registers it, and nowhere else. Examples of requests may name one.</summary>
public sealed partial class ChannelNameTests
{
    [Fact]
    public void nothing_outside_its_folder_and_its_registration_names_a_channel() =>
        (from source in Solution.Sources("src")
         where !Folder().IsMatch(source.Path) && !source.Path.EndsWith("/ChannelRegistration.cs", StringComparison.Ordinal)
             // The contract names the accounts of a person so.
             && !source.Path.EndsWith("/UserInput.cs", StringComparison.Ordinal)
         from line in Example().Replace(source.Text, "").Split('\n')
         where Name().IsMatch(line)
         select $"{source.Path}: {line.Trim()}").Should().BeEmpty("ask the channel (docs/channels.md)");

    [Fact]
    public void each_channel_is_registered_by_one_line()
    {
        var registration = Solution.Sources("src/Modules/Channels").Single(x => x.Path.EndsWith("/ChannelRegistration.cs", StringComparison.Ordinal));
        Registration().Count(registration.Text).Should().Be(EventTests.Channels.All.Count);
    }

    [Fact]
    public void a_link_tells_by_which_channel_it_was_sent() =>
        EventTests.Channels.Types.Select(AcknowledgeLinks.MarkOfChannel).Should()
            .OnlyHaveUniqueItems("two types have the same mark: give the new channel another type");

    [GeneratedRegex(@"^ +services\.Add\w+\(configuration\);$", RegexOptions.CultureInvariant | RegexOptions.Multiline, 1000)]
    private static partial Regex Registration();

    /// <summary>Of a channel, or of what several of one family share: <c>Sms</c>, <c>GroupRobots</c>.</summary>
    [GeneratedRegex(@"Channels/(WeCom|DingTalk|Feishu|Email|Sms\w*|Webhook|GroupRobots)/", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Folder();

    [GeneratedRegex("\"\"\".*?\"\"\"", RegexOptions.CultureInvariant | RegexOptions.Singleline, 5000)]
    private static partial Regex Example();

    /// <summary>Words of one platform, where any could be meant: a text, a name or a comment says receiver, account, lane or credentials.</summary>
    [Fact]
    public void nothing_outside_its_folder_speaks_in_the_words_of_one_channel() =>
        (from source in Solution.Sources("src")
         where !Folder().IsMatch(source.Path)
         from line in Example().Replace(source.Text, "").Split('\n')
         where Word().IsMatch(Rightful().Replace(line, ""))
         select $"{source.Path}: {line.Trim()}").Should().BeEmpty("it holds for every channel");

    [GeneratedRegex(
        """\brobots?\b|机器人|\bbot:|\baccount:…|\bapp lane|agentId|corpId|webhook key|robot or app""",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Word();

    /// <summary>Programs that fetch pages are robots too.</summary>
    [GeneratedRegex("preview robots?|robots\\.txt|X-Robots-Tag", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, 5000)]
    private static partial Regex Rightful();

    [GeneratedRegex("wecom|weixin|qyapi|企业微信|dingtalk|钉钉|feishu|飞书", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, 5000)]
    private static partial Regex Name();
}
