namespace Notify.Ui.Parts;

/// <summary>Short messages about completed actions, in one live region of the page, which screen readers announce once.</summary>
public sealed class Notices
{
    public sealed record Notice(long Number, string Text, bool IsError);

    private long last;

    public event Action? Changed;

    public Notice? Current { get; private set; }

    public void Say(string text) => Show(text, isError: false);

    public void Warn(string text) => Show(text, isError: true);

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
