using System.Security.Cryptography;
using System.Text;
using Notify.Channels.Sending;
using Notify.Channels.Sms;
using Notify.Kernel.Secrets;

namespace Notify.Channels.SmsTwilio;

/// <summary>Status callbacks (https://www.twilio.com/docs/usage/security#validating-requests): signed with the account's token over the callback URL
/// and the form's fields, sorted by name.</summary>
internal sealed class TwilioReports(Func<SecretRef, CancellationToken, ValueTask<string>> reveal) : IDeliveryReports
{
    public async ValueTask<IReadOnlyList<string>?> ReadAsync(PlatformReport report, IRoutes routes, CancellationToken cancellation)
    {
        var settings = ((SmsRoutes<TwilioSettings>)routes).Settings;
        if (report.Header("X-Twilio-Signature") is not { Length: > 0 } signature) return null;
        var fields = FieldsOf(Encoding.UTF8.GetString(report.Body.Span));
        var token = await reveal(settings.AuthToken, cancellation);
        if (!CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(signature), Encoding.UTF8.GetBytes(Sign(token, report.Address, fields)))) return null;
        return [.. fields.Where(x => x.Name == "MessageSid").Select(x => x.Value)];
    }

    private static string Sign(string token, Uri address, IEnumerable<(string Name, string Value)> fields)
    {
        var signed = new StringBuilder(address.AbsoluteUri);
        foreach (var (name, value) in fields.OrderBy(x => x.Name, StringComparer.Ordinal)) signed.Append(name).Append(value);
        // The platform signs with HMAC-SHA-1, which is still secure as a MAC.
#pragma warning disable CA5350
        return Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(signed.ToString())));
#pragma warning restore CA5350
    }

    private static List<(string Name, string Value)> FieldsOf(string form) =>
    [
        .. form.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(x => x.Split('=', 2))
            .Select(x => (Decoded(x[0]), x.Length > 1 ? Decoded(x[1]) : "")),
    ];

    private static string Decoded(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
