using System.Text.RegularExpressions;

namespace Notify.Channels.Receivers;

/// <summary>A mobile number as a receiver, the same in all channels that use one.</summary>
internal static partial class MobileNumber
{
    public const string KindName = "mobile";

    /// <summary>The field of a person's record.</summary>
    public const string Field = "mobile";

    /// <summary>Each gets its own message: the platforms answer for one number at a time.</summary>
    public static readonly ReceiverKind Kind =
        new(KindName, ReceiverField.Account, "mobile number", "mobile number", new("Mobile number", "手机号码")) { Alone = true, FaultOfName = FaultOf };

    /// <summary>Checks a number in E.164 format; null: it is valid.</summary>
    public static string? FaultOf(string text) =>
        E164().IsMatch(text) ? null : "Give the mobile number with its country code, such as +8613800138000.";

    [GeneratedRegex(@"\A\+[1-9][0-9]{6,14}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex E164();
}
