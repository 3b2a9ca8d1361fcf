namespace Notify.Access;

public static class Roles
{
    /// <summary>May do everything.</summary>
    public const string Administrator = "administrator";
}
