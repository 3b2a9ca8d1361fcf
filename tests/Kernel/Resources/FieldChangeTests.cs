using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel.Resources;

namespace Notify.Kernel.Tests.Resources;

public sealed class FieldChangeTests
{
    [Theory]
    [InlineData("""{"a":1,"b":[1,{"c":"x"}]}""", """{"b":[1,{"c":"x"}],"a":1}""", "")]
    [InlineData("""{"a":1}""", """{"a":2}""", "a: 1 > 2")]
    [InlineData("""{"a":{"b":{"c":"x"}}}""", """{"a":{"b":{"c":"y"}}}""", "a.b.c: \"x\" > \"y\"")]
    [InlineData("""{"a":1}""", """{"b":1}""", "a: 1 > null|b: null > 1")]
    [InlineData("""{"a":[1,2,3]}""", """{"a":[1,3]}""", "a[1]: 2 > null")]
    [InlineData("""{"a":[1,3]}""", """{"a":[1,2,3]}""", "a[1]: null > 2")]
    [InlineData("""{"a":[1,2,3]}""", """{"a":[2,3]}""", "a[0]: 1 > null")]
    [InlineData("""{"a":[1,1]}""", """{"a":[1,1,1]}""", "a[2]: null > 1")]
    [InlineData("""{"a":[]}""", """{"a":[1,2]}""", "a[0]: null > 1|a[1]: null > 2")]
    [InlineData("""{"a":[{"b":1},{"b":2}]}""", """{"a":[{"b":1},{"b":3}]}""", "a[1].b: 2 > 3")]
    [InlineData("""{"a":[1]}""", """{"a":{"b":1}}""", "a: [1] > {\"b\":1}")]
    [InlineData("""{"a":"1"}""", """{"a":1}""", "a: \"1\" > 1")]
    [InlineData("null", """{"a":1}""", ": null > {\"a\":1}")]
    public void what_differs_is_named_by_its_path(string from, string to, string changes) =>
        string.Join('|', FieldChange.Between(JsonNode.Parse(from), JsonNode.Parse(to)).Select(x => $"{x.Path}: {Json(x.From)} > {Json(x.To)}"))
            .Should().Be(changes);

    [Fact]
    public void a_side_that_is_absent_is_written_as_null()
    {
        var change = FieldChange.Between(new JsonObject(), new JsonObject { ["a"] = 1 }).Single();
        JsonSerializer.Serialize(change, NotifyJson.Options).Should().Be("""{"path":"a","from":null,"to":1}""");
    }

    private static string Json(JsonNode? node) => node?.ToJsonString() ?? "null";
}
