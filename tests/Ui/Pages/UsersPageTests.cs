using System.Text.Json.Nodes;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Notify.Access.Pages;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Pages;

public sealed class UsersPageTests : ComponentTest
{
    [Theory]
    [InlineData("u2", "password", true, true)]
    [InlineData("u2", "oidc", false, true)]
    [InlineData("u2", "none", false, true)]
    [InlineData("u1", "password", false, false)]
    public void a_password_is_set_for_others_who_sign_in_by_one(string id, string signIn, bool password, bool factor)
    {
        Answer = asked => asked == $"GET users/{id}"
            ? new JsonObject { ["id"] = id, ["version"] = 1, ["name"] = "Li Si", ["userName"] = "li.si", ["signIn"] = signIn, ["roles"] = new JsonArray() }
            : new JsonObject { ["items"] = new JsonArray(), ["total"] = 0 };
        Services.GetRequiredService<NavigationManager>().NavigateTo($"people/users/{id}");
        var me = new Me("u1", "Zhang San", "zhang.san", [], ["people.read", "people.manage"], [], null, false, 0, null);
        var page = Render<UsersPage>(x => x.Add(y => y.Id, id).AddCascadingValue(me));
        page.WaitForElement(".dialog-actions .start button");
        var offered = page.FindAll(".dialog-actions .start button").Select(x => x.TextContent).ToList();
        offered.Contains("Set password").Should().Be(password);
        offered.Contains("Remove second factor").Should().Be(factor, "one removes one's own in the account");
        offered.Should().Contain("Sign out everywhere");
    }
}
