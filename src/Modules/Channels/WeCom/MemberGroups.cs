namespace Notify.Channels.WeCom;

/// <summary>Ids of departments and tags in the company's contacts. Only the platform knows their members.</summary>
public sealed record MemberGroups(IReadOnlyList<string> Parties, IReadOnlyList<string> Tags)
{
    public static readonly MemberGroups None = new([], []);

    public bool Any => Parties.Count + Tags.Count > 0;

    /// <summary>Returns what is wrong with an id; null: nothing.</summary>
    public static string? FaultOfId(string id) =>
        id.Length is > 0 and <= 10 && id.All(char.IsAsciiDigit) ? null : "The id of a department or tag is a whole number, as in WeCom's contacts.";
}
