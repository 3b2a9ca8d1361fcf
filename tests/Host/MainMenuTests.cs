using System.Reflection;
using Microsoft.AspNetCore.Components;
using Notify.Access.People;
using Notify.Host.Shell;
using Notify.Kernel.Http;
using Notify.Ui.Parts;

namespace Notify.Host.Tests;

public sealed class MainMenuTests
{
    [Theory]
    [InlineData("operator", "")]
    [InlineData("security-administrator", "services")]
    [InlineData("intake", null)]
    public void whoever_arrives_is_led_to_the_first_page_that_they_may_see(string role, string? address) =>
        (MainMenu.FirstOf(Person(BuiltInRoles.All.Single(x => x.Name == role).Settings.Permissions))?.Address).Should().Be(address);

    [Fact]
    public void each_entry_names_a_permission_that_there_is() =>
        MainMenu.Groups.SelectMany(x => x.All).Where(x => Permission.Find(x.Permission) is null).Should().BeEmpty();

    [Fact]
    public void each_page_belongs_to_one_entry_and_approvals_to_their_own()
    {
        var pages =
            from assembly in ConsolePages.Assemblies
            from type in assembly.GetTypes()
            where type.IsDefined(typeof(PagePermissionAttribute))
            from route in type.GetCustomAttributes<RouteAttribute>()
            select route.Template.TrimStart('/');
        pages.ToDictionary(x => x, EntriesOf).Where(x => x.Value.Count != 1).Should().BeEmpty();
        EntriesOf("people/groups").Should().Equal("people/users");
        EntriesOf("people/approvals").Should().Equal("people/approvals");
        EntriesOf("expected-sources/new").Should().Equal("alarms");
    }

    private static List<string> EntriesOf(string page) =>
        [.. MainMenu.Groups.SelectMany(x => x.All).Where(x => MenuLink.IsAt([x.Address, .. x.Also], page)).Select(x => x.Address)];

    private static Me Person(IEnumerable<string> permissions) => new("u1", "Li Si", "li.si", [], [.. permissions], [], null, false, 0, null);
}
