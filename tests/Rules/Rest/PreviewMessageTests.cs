using Notify.Testing;

namespace Notify.Rules.Tests.Rest;

public sealed class PreviewMessageTests(ConfiguredHost configured) : IClassFixture<ConfiguredHost>
{
    private readonly NotifyHost host = configured.Host;

    [Fact]
    public async Task a_preview_shows_the_text_its_bytes_and_the_limits_of_robot_and_app()
    {
        var preview = await host.PostAsync("messages/preview", new
        {
            type = "wecom",
            format = "markdown",
            content = "**{name}** 压力 {value}",
            alarm = new { name = "Overpressure", value = 9.7 },
        });

        preview["text"]!.GetValue<string>().Should().Be("**Overpressure** 压力 9.7");
        preview["bytes"]!.GetValue<int>().Should().Be(27);
        preview["limit"]!.GetValue<int>().Should().Be(4096);
        preview["parts"]!.AsArray().Should().ContainSingle().Which!["text"]!.GetValue<string>().Should().Be("**Overpressure** 压力 9.7");
        preview["plans"]!.AsArray().Select(x => ((string)x!["receiverKind"]!, (int)x["limitBytes"]!)).Should()
            .Equal(("bot", 4096), ("account", 2048));
    }

    [Fact]
    public async Task a_message_is_previewed_as_it_was_read()
    {
        await host.PostAsync("messages", new
        {
            type = "wecom",
            name = "To be previewed",
            description = "as it is",
            format = "text",
            content = "{name}!",
            mentions = new { accounts = new[] { "@all" } }
        });
        var read = (await host.GetAsync("messages?search=To be previewed"))["items"]![0]!;
        (await host.PostAsync("messages/preview", read))["format"]!.GetValue<string>().Should().Be("text");
        read["nmae"] = "x";
        (await host.SendAsync("POST", "messages/preview", read)).Faults.Should().Equal("nmae");
    }

    [Fact]
    public async Task without_an_alarm_an_example_fills_every_parameter()
    {
        var preview = await host.PostAsync("messages/preview", new
        {
            type = "wecom",
            format = "text",
            timeZone = "Asia/Shanghai",
            content = "{ackUser}|{description}|{eventTime}|{isAcked}|{isShelved}|{level}|{name}|{path}|{state}|{type}|{urlPath}|{value}|{labels.team}",
        });

        preview["text"]!.GetValue<string>().Split('|').Should().HaveCount(13).And.OnlyContain(x => x.Length > 0);
    }

    [Fact]
    public async Task a_long_text_is_shown_in_the_parts_in_which_it_would_be_sent()
    {
        var preview = await host.PostAsync("messages/preview", new { type = "wecom", format = "text", content = new string('警', 1500) });

        preview["bytes"]!.GetValue<int>().Should().Be(4500);
        var parts = preview["parts"]!.AsArray();
        parts.Should().HaveCount(3);
        parts.Should().OnlyContain(x => (int)x!["bytes"]! <= 2048);
        parts[0]!["text"]!.GetValue<string>().Should().StartWith("(1/3)\n");
    }

    [Fact]
    public async Task mentions_are_planned_as_each_format_allows()
    {
        var preview = await host.PostAsync("messages/preview", new
        {
            type = "wecom",
            format = "markdown_v2",
            content = "# {name}",
            mentions = new { accounts = new[] { "zhangsan" }, mobiles = new[] { "13800000000" } },
        });

        var robot = preview["plans"]![0]!["parts"]!.AsArray();
        robot.Select(x => (string)x!["format"]!).Should().Equal("markdown_v2", "text");
        robot[1]!["mentions"]!["accounts"]!.AsArray().Select(x => (string)x!).Should().Equal("zhangsan");
        robot[1]!["mentions"]!["mobiles"]!.AsArray().Select(x => (string)x!).Should().Equal("13800000000");
        preview["plans"]![1]!["format"]!.GetValue<string>().Should().Be("markdown", "an app has no markdown_v2");
    }

    [Fact]
    public async Task an_unknown_parameter_is_named_with_its_line_and_column()
    {
        var refusal = await Refusal.OfPostAsync(host, "messages/preview", new { type = "wecom", format = "text", content = "{name}\n at {plaec}" });

        refusal.Status.Should().Be(400);
        refusal.FirstMessage("content").Should().Contain("'plaec'").And.Contain("line 2, column 5");
    }

    [Theory]
    [InlineData("""{ "type": "wecom", "format": "html", "content": "x" }""", "format")]
    [InlineData("""{ "type": "wecom", "format": "text", "content": "x", "alarm": { "name": "" } }""", "alarm.name")]
    [InlineData("""{ "type": "wecom", "format": "text", "content": "x", "alarm": { "name": "x", "shelved": 1 } }""", "alarm.shelved")]
    [InlineData("""{ "type": "wecom", "format": "text", "content": "x", "alarm": { "name": "x", "level": "Urgent" } }""", "alarm.level")]
    [InlineData("""{ "type": "wecom", "format": "text", "content": "x", "alarm": { "name": "x", "severity": "Low" } }""", "alarm.severity")]
    [InlineData("""{ "type": "wecom", "format": "text", "content": "\ud800" }""", "content")]
    [InlineData("""{ "type": "wecom", "format": "text", "content": "x", "colour": "red" }""", "colour")]
    public async Task what_does_not_fit_is_named_by_its_path(string body, string path)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await host.Client.PostAsync(new Uri("/api/v1/messages/preview", UriKind.Relative), content);

        ((int)response.StatusCode).Should().Be(400);
        var problem = System.Text.Json.Nodes.JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        problem["errors"]!.AsObject().Select(x => x.Key).Should().Equal(path);
    }
}
