using System.Text.RegularExpressions;
using Notify.Contracts.Rules;

namespace Notify.Channels.DingTalk;

/// <summary>A member's user id, the same in a service and in a person's record.</summary>
public static partial class DingTalkUserId
{
    public const int MaxLength = 64;

    /// <summary>Returns what is wrong with a user id; null: nothing. <c>@all</c> is none: it means everyone.</summary>
    public static string? FaultOf(string text) =>
        Form().IsMatch(text) && !text.Equals(Receiver.All, StringComparison.OrdinalIgnoreCase)
            ? null : "A user ID has 1 to 64 letters, digits, or any of . - _ @ $ :";

    [GeneratedRegex(@"\A[A-Za-z0-9._@$:-]{1,64}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Form();
}
