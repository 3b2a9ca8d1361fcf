using Microsoft.AspNetCore.Components;

namespace Notify.Ui.Parts;

/// <summary>
/// Writes what a page shows into its address. On a slow line the page is told of that only when more may have been chosen or typed: until it is
/// told of the last, the address is older than the page.
/// </summary>
public sealed class AddressBar(NavigationManager navigation)
{
    /// <summary>The marks of the addresses that were written and not told of yet, in order.</summary>
    private readonly List<string> written = [];

    private (string Address, string? Mark) before;

    /// <summary>Whether the address is one from before the last that was written: then it says nothing new.</summary>
    public bool IsBehind
    {
        get
        {
            if (written.Count == 0) return false;
            var (address, mark) = (navigation.Uri, navigation.HistoryEntryState);
            if (mark is not null && written.IndexOf(mark) is var told and >= 0)
            {
                written.RemoveRange(0, told + 1);
                before = (address, mark);
            }
            else if (before != (address, mark))
            {
                // The reader has gone elsewhere.
                written.Clear();
            }

            return written.Count > 0;
        }
    }

    /// <param name="replaces">Whether the last address is not to be gone back to.</param>
    public void Write(string address, bool replaces = false)
    {
        if (!IsBehind) before = (navigation.Uri, navigation.HistoryEntryState);
        var mark = Guid.NewGuid().ToString("N");
        written.Add(mark);
        navigation.NavigateTo(address, new NavigationOptions { ReplaceHistoryEntry = replaces, HistoryEntryState = mark });
    }
}
