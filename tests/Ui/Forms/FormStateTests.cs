using System.Text.Json.Nodes;
using Notify.Ui.Api;
using Notify.Ui.Forms;

namespace Notify.Ui.Tests.Forms;

public sealed class FormStateTests
{
    private readonly FormState form = new(JsonNode.Parse(
        """{ "name": "x", "every": 15, "on": true, "roles": ["a", "b"], "rows": [{ "n": 1 }, { "n": 2 }] }""")!.AsObject());

    [Fact]
    public void fields_read_what_there_is_of_their_type()
    {
        (form.Text("name"), form.Text("every"), form.Text("missing"), form.Text("roles")).Should().Be(("x", "15", "", ""));
        (form.Flag("on"), form.Flag("name"), form.Flag("missing")).Should().Be((true, false, false));
        form.Texts("roles").Should().Equal("a", "b");
        form.Texts("name").Should().BeEmpty();
    }

    [Fact]
    public void what_is_typed_makes_it_dirty_and_is_told()
    {
        var told = 0;
        form.Changed += () => told++;
        form.IsDirty.Should().BeFalse();
        form.Set("name", "y");
        (form.Text("name"), form.IsDirty, told).Should().Be(("y", true, 1));
        form.Choose("roles", "a", chosen: false);
        form.Choose("roles", "c", chosen: true);
        form.Choose("roles", "c", chosen: true);
        form.Texts("roles").Should().Equal("b", "c");
        form.Add("other", new JsonObject { ["n"] = 1 });
        form.Add("rows", new JsonObject { ["n"] = 3 });
        var first = form.List("rows")![0];
        form.Remove("rows", first);
        form.Remove("rows", first);
        form.Remove("no rows", first);
        form.Body["other"]!.ToJsonString().Should().Be("""[{"n":1}]""");
        form.Body["rows"]!.ToJsonString().Should().Be("""[{"n":2},{"n":3}]""");
        told.Should().Be(7);
    }

    [Fact]
    public void a_fault_is_shown_once_its_field_was_left_and_all_of_them_once_somebody_has_tried_to_save()
    {
        form.Faults = new Dictionary<string, string[]> { ["name"] = ["Too short."], ["rows[1].n"] = ["Too small."], ["every"] = ["Too often."] };
        form.IsValid.Should().BeFalse();
        form.FaultsOf("name").Should().BeEmpty();
        form.Leave("name");
        form.FaultsOf("name").Should().Equal("Too short.");
        form.FaultsOf("every").Should().BeEmpty();

        // What was left in a row says nothing of the row that takes its place.
        form.Leave("rows[1].n");
        form.FaultsOf("rows[1].n").Should().Equal("Too small.");
        form.Remove("rows", form.List("rows")![0]);
        form.FaultsOf("rows[1].n").Should().BeEmpty();

        form.Refused(new Problem(400, "Wrong.", null, new Dictionary<string, string[]> { ["every"] = ["Still too often."] }, null));
        form.FaultsOf("every").Should().Equal("Still too often.");
        form.FaultsOf("name").Should().BeEmpty();
        form.Replace([]);
        form.IsValid.Should().BeTrue();
    }
}
