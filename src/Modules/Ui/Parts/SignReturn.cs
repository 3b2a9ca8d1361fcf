namespace Notify.Ui.Parts;

/// <summary>In the address of a page to which somebody comes back from signing in once more: what they were about to sign.</summary>
public static class SignReturn
{
    public const string Meaning = "sign";
    public const string Subject = "of";
}
