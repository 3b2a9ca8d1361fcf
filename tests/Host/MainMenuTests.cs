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

    private static Me Person(IEnumerable<string> permissions) => new("u1", "Li Si", "li.si", [], [.. permissions], [], null, false, 0, null);
}
