using System.Text.Json;
using System.Text.Json.Nodes;

namespace Notify.Kernel.Tests;

public sealed class AbsentPartsTests
{
    public sealed record Part(IReadOnlyList<string> Names, IReadOnlyDictionary<string, int> Counts, IReadOnlyList<string>? Others);

    public sealed record Whole
    {
        public bool Begins { get; init; } = true;
        public string Word { get; init; } = "word";
        public int? Number { get; init; } = 5;
        public IReadOnlyList<string> Kept { get; init; } = ["a"];
        public byte[] Bytes { get; init; } = [1];
        public Part Inner { get; init; } = new(["b"], new Dictionary<string, int>(), null);
        public IReadOnlyList<Part> Parts { get; init; } = [];
        public IReadOnlyDictionary<string, string?>? Labels { get; init; }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"names":null,"counts":null,"others":null}""")]
    public void a_list_that_is_never_null_is_empty_when_the_document_does_not_name_it(string document)
    {
        var part = JsonSerializer.Deserialize<Part>(document, NotifyJson.Options)!;
        part.Names.Should().BeEmpty();
        part.Counts.Should().BeEmpty();
        part.Others.Should().BeNull("its type says that it may be");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"kept":null,"bytes":null}""")]
    public void a_list_begins_with_what_its_type_gives_it(string document)
    {
        var whole = JsonSerializer.Deserialize<Whole>(document, NotifyJson.Options)!;
        whole.Kept.Should().Equal("a");
        whole.Bytes.Should().Equal(1);
        whole.Inner.Names.Should().Equal("b");
    }

    [Fact]
    public void a_null_is_taken_out_wherever_it_says_what_leaving_out_says()
    {
        var body = JsonNode.Parse(
            """{"begins":null,"word":null,"number":null,"inner":{"names":null,"others":["x"]},"parts":[{"counts":null},null],"labels":{"team":null},"unknown":null}""")!;
        AbsentParts.RemoveNulls(body, typeof(Whole), NotifyJson.Strict);
        body.ToJsonString().Should().Be("""{"inner":{"others":["x"]},"parts":[{},null],"labels":{"team":null},"unknown":null}""");
    }
}
