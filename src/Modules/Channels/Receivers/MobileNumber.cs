using System.Text.RegularExpressions;

namespace Notify.Channels.Receivers;

/// <summary>A mobile number as a receiver, the same in all channels that call one.</summary>
internal static partial class MobileNumber
{
    public const string KindName = "mobile";

    /// <summary>What a person's record calls it.</summary>
    public const string Field = "mobile";

    /// <summary>Each gets a message of its own: the platforms answer for one number at a time.</summary>
    public static readonly ReceiverKind Kind =
        new(KindName, ReceiverField.Account, "mobile number", "mobile number", new("Mobile number", "手机号码")) { Alone = true, FaultOfName = FaultOf };

    /// <summary>E.164: what is wrong with a number; null: nothing.</summary>
    public static string? FaultOf(string text) =>
        E164().IsMatch(text) ? null : "Give the mobile number with its country code, such as +8613800138000.";

    [GeneratedRegex(@"\A\+[1-9][0-9]{6,14}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex E164();
}
