namespace Notify.Channels.WeCom;

/// <summary>Departments and tags of the company's contacts, by their ids. Only the platform knows who is in them.</summary>
public sealed record MemberGroups(IReadOnlyList<string> Parties, IReadOnlyList<string> Tags)
{
    public static readonly MemberGroups None = new([], []);

    public bool Any => Parties.Count + Tags.Count > 0;

    /// <summary>What is wrong with an id; null: nothing.</summary>
    public static string? FaultOfId(string id) =>
        id.Length is > 0 and <= 10 && id.All(char.IsAsciiDigit) ? null : "The id of a department or tag is a whole number, as in WeCom's contacts.";
}
