using System.Text.Json.Nodes;
using Notify.Ui.Forms;

namespace Notify.Ui.Tests.Forms;

/// <summary>Two people change the same resource at once.</summary>
public sealed class JsonMergeTests
{
    private const string Before = """{ "name": "Night", "description": "old", "criteria": { "levels": ["High"], "paths": ["a/**"] } }""";

    private static JsonObject Read(string json) => JsonNode.Parse(json)!.AsObject();

    private static (JsonObject Merged, IReadOnlyList<JsonMerge.Conflict> Conflicts) Merge(string mine, string theirs)
    {
        var merged = Read(mine);
        return (merged, JsonMerge.Into(merged, Read(Before), Read(theirs)));
    }

    [Fact]
    public void different_fields_are_both_kept_also_inside_of_one_part()
    {
        var (merged, conflicts) = Merge(
            """{ "name": "Night", "description": "mine", "criteria": { "levels": ["Low"], "paths": ["a/**"] } }""",
            """{ "name": "Day", "description": "old", "criteria": { "levels": ["High"], "paths": ["b/**"] } }""");
        conflicts.Should().BeEmpty();
        JsonNode.DeepEquals(merged, Read("""{ "name": "Day", "description": "mine", "criteria": { "levels": ["Low"], "paths": ["b/**"] } }"""))
            .Should().BeTrue(merged.ToJsonString());
    }

    [Fact]
    public void what_both_have_changed_stays_as_it_was_typed_and_is_asked_about()
    {
        var (merged, conflicts) = Merge(
            """{ "name": "Mine", "description": "same", "criteria": { "levels": ["Low"], "paths": ["a/**"] } }""",
            """{ "name": "Theirs", "description": "same", "criteria": { "levels": ["Critical"], "paths": ["a/**"] } }""");
        conflicts.Select(x => (x.Path, x.Theirs!.ToJsonString(), x.Mine!.ToJsonString(), x.TakesTheirs)).Should().Equal(
            ("name", "\"Theirs\"", "\"Mine\"", false), ("criteria.levels", """["Critical"]""", """["Low"]""", false));
        merged["name"]!.ToString().Should().Be("Mine");
        merged["criteria"]!["levels"]!.ToJsonString().Should().Be("""["Low"]""");
    }

    [Fact]
    public void what_one_removes_is_gone_unless_the_other_has_changed_it()
    {
        var (merged, conflicts) = Merge(
            """{ "name": "Night", "criteria": { "levels": ["High"], "paths": ["c/**"] } }""",
            """{ "name": "Night", "description": "old", "criteria": { "levels": ["High"] } }""");
        merged.ContainsKey("description").Should().BeFalse("I have removed it");
        conflicts.Should().ContainSingle().Which.Path.Should().Be("criteria.paths");
        conflicts[0].Theirs.Should().BeNull();
        (merged, conflicts) = Merge(Before, """{ "name": "Night", "criteria": { "levels": ["High"], "paths": ["a/**"] } }""");
        conflicts.Should().BeEmpty();
        merged.ContainsKey("description").Should().BeFalse("they have removed it");
    }
}
