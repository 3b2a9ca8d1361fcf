using System.Text.Json.Nodes;
using Notify.Ui.Forms;

namespace Notify.Ui.Tests.Forms;

public sealed class JsonPathsTests
{
    private readonly JsonObject document = JsonNode.Parse(
        """{ "name": "x", "actions": [{ "receivers": [{ "alias": "a" }, { "alias": "b" }] }], "none": null }""")!.AsObject();

    [Theory]
    [InlineData("name", "\"x\"")]
    [InlineData("actions[0].receivers[1].alias", "\"b\"")]
    [InlineData("actions[0].receivers[1]", """{"alias":"b"}""")]
    [InlineData("none", null)]
    [InlineData("missing", null)]
    [InlineData("missing.more[3].x", null)]
    [InlineData("name.more", null)]
    [InlineData("name[0]", null)]
    [InlineData("actions[1]", null)]
    [InlineData("actions.receivers", null)]
    public void what_is_at_a_place_or_nothing(string path, string? found) => JsonPaths.Get(document, path)?.ToJsonString().Should().Be(found);

    [Fact]
    public void missing_parts_of_a_path_are_made()
    {
        var made = new JsonObject();
        JsonPaths.Set(made, "weekly.monday[1].from", "08:00");
        made.ToJsonString().Should().Be("""{"weekly":{"monday":[null,{"from":"08:00"}]}}""");
        JsonPaths.Set(made, "weekly.monday[0].from", "07:00");
        JsonPaths.Set(made, "weekly.monday[1].from", "09:00");
        made.ToJsonString().Should().Be("""{"weekly":{"monday":[{"from":"07:00"},{"from":"09:00"}]}}""");
    }

    [Fact]
    public void null_takes_a_property_away_and_empties_a_place_in_a_list()
    {
        JsonPaths.Set(document, "name", null);
        JsonPaths.Set(document, "actions[0].receivers[0].alias", null);
        JsonPaths.Set(document, "actions[0].receivers[1]", null);
        document.ToJsonString().Should().Be("""{"actions":[{"receivers":[{},null]}],"none":null}""");
    }
}
