namespace Notify.Ui.Parts;

/// <summary>Short messages about completed actions, in the live region of the topmost dialog, or else of the page: screen readers announce them once.
/// While a modal dialog is open, nothing else is seen or read aloud.</summary>
public sealed class Notices
{
    public sealed record Notice(long Number, string Text, bool IsError);

    private readonly List<object> regions = [];
    private long last;

    public event Action? Changed;

    public Notice? Current { get; private set; }

    /// <summary>What only screen readers are told.</summary>
    public Notice? Announced { get; private set; }

    public void Say(string text) => Show(text, isError: false);

    public void Warn(string text) => Show(text, isError: true);

    public void Announce(string text)
    {
        Announced = new(++last, text, IsError: false);
        Changed?.Invoke();
    }

    /// <summary>Adds a region above the others.</summary>
    public void Enter(object region)
    {
        // What was announced before is not repeated.
        Announced = null;
        regions.Add(region);
        Changed?.Invoke();
    }

    public void Leave(object region)
    {
        regions.Remove(region);
        Changed?.Invoke();
    }

    /// <summary>Whether the region is the one that shows them.</summary>
    public bool IsOnTop(object region) => regions.Count > 0 && regions[^1] == region;

    public void Clear()
    {
        Current = null;
        Changed?.Invoke();
    }

    private void Show(string text, bool isError)
    {
        Current = new(++last, text, isError);
        Changed?.Invoke();
    }
}
