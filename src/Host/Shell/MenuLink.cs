using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace Notify.Host.Shell;

/// <summary>A link of the main menu: marked on its own pages, and on those that have no entry and are reached from them.</summary>
public sealed class MenuLink : NavLink
{
    /// <summary>The addresses of the pages without an entry.</summary>
    [Parameter]
    public IReadOnlyList<string> Also { get; set; } = [];

    [Inject]
    private NavigationManager Place { get; set; } = null!;

    protected override bool ShouldMatch(string uriAbsolute)
    {
        if (base.ShouldMatch(uriAbsolute)) return true;
        return IsAt(Also, Place.ToBaseRelativePath(uriAbsolute).Split('?', '#')[0]);
    }

    /// <summary>Whether a page is at one of the addresses, or below it.</summary>
    public static bool IsAt(IEnumerable<string> addresses, string page) =>
        addresses.Any(x => page == x || page.StartsWith(x + "/", StringComparison.Ordinal));
}
