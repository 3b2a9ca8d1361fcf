using System.Text.Json.Nodes;
using Bunit;
using Notify.Access.Pages;
using Notify.Ui.Forms;

namespace Notify.Ui.Tests.Pages;

/// <summary>The roles of a person, a group or a key: by what people call them, with what each is for.</summary>
public sealed class RolesFieldTests : ComponentTest
{
    private readonly FormState form = new(new JsonObject { ["roles"] = new JsonArray("operator") });

    private IRenderedComponent<RolesField> Show(params string[] roles)
    {
        if (roles.Length == 0) roles = ["crane team", "operator", "system-administrator"];
        JsonObject RoleOf(string name) => new() { ["name"] = name, ["description"] = $"What {name} is for" };
        Answer = asked => asked.StartsWith("GET roles?", StringComparison.Ordinal)
            ? new JsonObject { ["items"] = new JsonArray([.. roles.Select(RoleOf)]), ["total"] = roles.Length } : null;
        var field = Render<RolesField>(x => x.Add(y => y.Form, form).Add(y => y.Path, "roles").Add(y => y.Label, "Roles"));
        field.WaitForState(() => field.FindAll("input").Count == roles.Length);
        return field;
    }

    [Fact]
    public void built_in_roles_come_first_by_their_names_each_with_what_it_is_for()
    {
        var field = Show();
        field.FindAll("label").Select(x => x.TextContent).Should().Equal("Operator", "System administrator", "crane team");
        field.FindAll(".help").Select(x => x.TextContent).Should().SatisfyRespectively(
            x => x.Should().Be("Works with alarms and the failed list."), x => x.Should().StartWith("Services, messages,"),
            x => x.Should().Be("What crane team is for"));
        field.FindAll("input").Select(x => x.HasAttribute("checked")).Should().Equal(true, false, false);
        field.Find("input:not([checked])").Change(true);
        form.Texts("roles").Should().Equal("operator", "system-administrator");
    }

    [Fact]
    public void in_chinese_the_name_that_the_api_uses_stands_behind()
    {
        ReadChinese();
        Show().FindAll("label").Select(x => x.TextContent).Should().Equal("操作员 operator", "系统管理员 system-administrator", "crane team");
    }

    [Fact]
    public void each_has_a_label_and_a_help_of_its_own_however_alike_the_names_are()
    {
        var field = Show("crane team", "crane-team");
        field.FindAll("input").Select(x => x.Id).Should().OnlyHaveUniqueItems().And.Equal(field.FindAll("label").Select(x => x.GetAttribute("for")));
        field.FindAll(".help").Select(x => x.Id).Should().OnlyHaveUniqueItems();
    }
}
