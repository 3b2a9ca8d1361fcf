using System.Text.Json.Nodes;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Operation.Transfer;

namespace Notify.Operation.Tests;

public class YamlTextTests
{
    [Theory]
    [InlineData("")]
    [InlineData(" padded ")]
    [InlineData("null")]
    [InlineData("~")]
    [InlineData("true")]
    [InlineData("no")]
    [InlineData("007")]
    [InlineData("1e3")]
    [InlineData("-.5")]
    [InlineData("0x1F")]
    [InlineData("08:00:00")]
    [InlineData("2026-10-01")]
    [InlineData("# no comment")]
    [InlineData("a: b")]
    [InlineData("- a")]
    [InlineData("{name} is {level}")]
    [InlineData("'single' \"double\" \\")]
    [InlineData("two\nlines")]
    [InlineData("  indented\n first\n\n\nlast\n")]
    [InlineData("\n")]
    [InlineData("carriage\r\nreturn")]
    [InlineData("tab\tand\u0007bell")]
    [InlineData("中文 😀 \u2028 \u00a0")]
    [InlineData("*a &b !c |d >e %f @g")]
    [InlineData("---")]
    [InlineData("...")]
    public void a_text_is_read_back_as_it_was(string text)
    {
        var node = new JsonObject { ["a"] = text, ["list"] = new JsonArray(text, new JsonObject { [text] = 1 }) };

        var read = YamlText.Read(new StringReader(YamlText.Write(node)));

        JsonNode.DeepEquals(read, node).Should().BeTrue("it was {0} and is {1}", node.ToJsonString(), read?.ToJsonString());
    }

    [Fact]
    public void values_that_are_no_text_keep_their_kind()
    {
        var node = JsonNode.Parse("""{ "no": null, "yes": true, "whole": -12, "part": 1.5, "none": [], "empty": {}, "deep": [[1], { "a": [] }] }""")!;

        JsonNode.DeepEquals(YamlText.Read(new StringReader(YamlText.Write(node))), node).Should().BeTrue();
    }

    [Theory]
    [InlineData("12", "12")]
    [InlineData("+12", "12")]
    [InlineData("007", "7")]
    [InlineData("1.5e3", "1500")]
    [InlineData("~", "null")]
    [InlineData("TRUE", "true")]
    [InlineData("no", "\"no\"")]
    [InlineData("08:00:00", "\"08:00:00\"")]
    [InlineData("2026-10-01", "\"2026-10-01\"")]
    [InlineData("0x1F", "\"0x1F\"")]
    [InlineData("0o17", "\"0o17\"")]
    [InlineData(".inf", "\".inf\"")]
    [InlineData(".nan", "\".nan\"")]
    [InlineData("1e999", "\"1e999\"")]
    [InlineData("'12'", "\"12\"")]
    [InlineData("!!str 12", "\"12\"")]
    [InlineData("!!int 12", "\"12\"")]
    public void a_value_is_read_as_the_summary_says(string yaml, string json) =>
        YamlText.Read(new StringReader($"a: {yaml}"))!["a"].Should().Match<JsonNode?>(x => (x == null ? "null" : x.ToJsonString(null)) == json);

    [Fact]
    public void it_is_written_as_a_person_would()
    {
        var node = JsonNode.Parse("""{ "rules": [ { "name": "Line 1", "content": "a\nb", "from": "08:00:00", "n": "12" } ] }""");

        YamlText.Write(node).Should().Be(
            """
            rules:
              - name: Line 1
                content: |-
                  a
                  b
                from: 08:00:00
                n: "12"

            """.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData("a: 1\na: 2", "line 2, column 1")]
    [InlineData("a: [1, 2", "line")]
    [InlineData("a: 1\n---\nb: 2", "line 2")]
    [InlineData("a: *b", "Anchors and aliases")]
    public void what_cannot_be_read_is_named_with_its_place(string yaml, string place) =>
        FluentActions.Invoking(() => YamlText.Read(new StringReader(yaml))).Should().Throw<ProblemException>().Which.Detail.Should().Contain(place);

    [Theory]
    [InlineData("a: 1\na: 2")]
    [InlineData("a: [1, 2\nb: 3")]
    [InlineData("a: {b: 1")]
    [InlineData("a: b: c")]
    [InlineData("a: \"b")]
    [InlineData("a: *b")]
    [InlineData("a: @b")]
    [InlineData("a:\n  - b\n c: d")]
    public void why_yaml_cannot_be_read_is_said_in_chinese_too(string yaml) =>
        new ProblemTexts([new(KernelProblemTexts.Lines)])
            .Chinese(FluentActions.Invoking(() => YamlText.Read(new StringReader(yaml))).Should().Throw<ProblemException>().Which.Detail!)
            .Should().MatchRegex(@"^YAML .*：.*\p{IsCJKUnifiedIdeographs}").And.NotContain(" is ").And.NotContain("xpected");
}
