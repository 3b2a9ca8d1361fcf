namespace Notify.Ui.Parts;

/// <summary>Query parameters of a page to which the reader returns from signing in again: what the reader was about to sign.</summary>
public static class SignReturn
{
    public const string Meaning = "sign";
    public const string Subject = "of";
}
