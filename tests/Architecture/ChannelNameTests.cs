using System.Text.RegularExpressions;

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
        registration.Text.Split('\n').Count(x => Name().IsMatch(x) && !x.StartsWith("using", StringComparison.Ordinal)).Should()
            .Be(EventTests.Channels.All.Count);
    }

    [GeneratedRegex("Channels/(WeCom|DingTalk|Feishu|Mail|Sms|Webhook)/", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Folder();

    [GeneratedRegex("\"\"\".*?\"\"\"", RegexOptions.CultureInvariant | RegexOptions.Singleline, 5000)]
    private static partial Regex Example();

    [GeneratedRegex("wecom|weixin|qyapi|企业微信|dingtalk|钉钉|feishu|飞书", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, 5000)]
    private static partial Regex Name();
}
