using System.Text;

namespace Notify.Kernel.Tests;

public sealed class JsonTextTests
{
    [Theory]
    [InlineData("{\"a\":1,}", "line 1, column 8")]
    [InlineData("{\n  \"名称\": \"泵\",\n  \"泵\" 5\n}", "line 3, column 7")] // characters, not bytes
    [InlineData("{\r\n\"a\":\r\n", "line 3, column 1")]
    [InlineData("{} {}", "line 1, column 4")]
    [InlineData("{\"a\":'b'}", "line 1, column 6")]
    public void broken_json_is_named_by_line_and_column(string text, string place) =>
        Refused(text).Detail.Should().StartWith($"The JSON cannot be read at {place}: ").And.NotContain("LineNumber");

    [Fact]
    public void what_is_no_text_at_all_is_named_too()
    {
        Refused("").Detail.Should().Be("The body is empty; it must be JSON.");
        Of(() => JsonText.Parse(new byte[] { (byte)'"', 0xC3, 0x28, (byte)'"' }, false, out _)).Detail.Should().Be("The body is not valid UTF-8.");
        Refused(new string('[', 100)).Detail.Should().Contain("column 65");
    }

    [Fact]
    public void a_mark_of_the_byte_order_is_passed_over()
    {
        using var document = JsonText.Parse(Encoding.UTF8.GetBytes("\uFEFF{}"), false, out _);
        document.RootElement.ValueKind.Should().Be(System.Text.Json.JsonValueKind.Object);
    }

    [Theory]
    [InlineData("""{"a":["b\u0000"]}""", "a[0]", PlainText.HasNull)]
    [InlineData("""{"a":{"b":"\ud800"}}""", "a.b", PlainText.IsNoUnicode)]
    [InlineData("""{"a":{"\udc00":1}}""", "a", $"A field's name: {PlainText.IsNoUnicode}")]
    [InlineData("""{"a\u0000":1}""", "", $"A field's name: {PlainText.HasNull}")]
    [InlineData("""{"a":1,"a":2}""", "a", "This field is given twice.")]
    public void what_cannot_be_stored_or_read_one_way_is_named(string text, string path, string message)
    {
        using var document = JsonText.Parse(Encoding.UTF8.GetBytes(text), false, out _);
        var errors = new Errors();
        JsonText.Check(document.RootElement, "", errors);
        var (found, messages) = errors.ToDictionary().Single();
        (found, messages.Single()).Should().Be((path, message));
    }

    [Theory]
    [InlineData("""{"a":{"b":"\ud800","b":"\u0000"}}""", "a.b")]
    [InlineData("""{"a":{"b\u0000":1,"b\u0000":2,"c\u0000":3}}""", "a")]
    public void of_names_alone_only_what_is_given_twice_is_named(string text, string path)
    {
        using var document = JsonText.Parse(Encoding.UTF8.GetBytes(text), false, out _);
        var errors = new Errors();
        JsonText.CheckNames(document.RootElement, "", errors);
        var (found, messages) = errors.ToDictionary().Single();
        (found, messages.Single()).Should().Be((path, "This field is given twice."));
    }

    [Fact]
    public void whether_a_field_is_given_twice_is_found_while_parsing()
    {
        foreach (var (text, twice) in new[] { ("""{"a":[{"b":1},{"b":1}]}""", false), ("""{"a":[{"b":1,"b":1}]}""", true) })
        {
            using var document = JsonText.Parse(Encoding.UTF8.GetBytes(text), findDuplicates: true, out var has);
            has.Should().Be(twice);
        }
    }

    private static ProblemException Refused(string text) => Of(() => JsonText.Parse(Encoding.UTF8.GetBytes(text), false, out _));

    private static ProblemException Of(Func<object> parse) => parse.Should().Throw<ProblemException>().Which;
}
