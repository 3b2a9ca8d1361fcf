using System.Text.RegularExpressions;
using Notify.Channels.Fields;
using Notify.Channels.Sms;
using Notify.Kernel;
using Notify.Kernel.Secrets;

namespace Notify.Channels.SmsTwilio;

/// <param name="From">A number, a short code or a sender id; null: a messaging service chooses it.</param>
/// <param name="MessagingServiceSid">Null if there is a <paramref name="From"/>.</param>
/// <param name="ApiBaseUrl">Null: <see cref="TwilioOptions.ApiBaseUrl"/>.</param>
internal sealed partial record TwilioSettings(
    string AccountSid, SecretRef AuthToken, string? From = null, string? MessagingServiceSid = null, string? ApiBaseUrl = null)
{
    private const string Example = """
        { "type": "sms-twilio", "name": "SMS abroad", "description": "For the people on duty",
          "sms-twilio": { "accountSid": "AC00000000000000000000000000000001", "authToken": "the-auth-token-of-the-account", "from": "+15005550006" } }
        """;

    /// <summary>Each sender or messaging service of an account is a lane.</summary>
    public SmsRoutes<TwilioSettings> ToRoutes()
    {
        var sender = From ?? MessagingServiceSid ?? "";
        return new(this, $"{TwilioChannel.TypeName}/{AccountSid}/{Uri.EscapeDataString(sender)}", sender);
    }

    /// <param name="allowedOrigins">Allowed origins of the API's address, in addition to Twilio's own.</param>
    public static IChannelSettings Described(IReadOnlyCollection<string> allowedOrigins) => new DescribedSettings<TwilioSettings>(
        TwilioChannel.TypeName,
        [
            Field.Text("accountSid", "Account SID", "Account SID", required: true) with
            {
                Fault = x => AccountSidForm().IsMatch(x) ? null : "An account SID is AC and 32 hexadecimal digits.",
                Help = new("Twilio Console > Account Info.", "Twilio 控制台 > Account Info。"),
            },
            Field.Secret("authToken", "Auth token", "Auth Token", required: true) with
            {
                Help = new("Twilio Console > Account Info.", "Twilio 控制台 > Account Info。"),
            },
            Field.Text("from", "From", "发送号码") with
            {
                Fault = x => SenderForm().IsMatch(x) ? null
                    : "Give a number such as +15005550006, a short code, or a sender id of up to 11 letters and digits.",
                Help = new("One of the account's numbers, or a sender id where the country allows one. Not together with a messaging service.",
                    "账户下的号码，或当地允许的发送者名称。不与 Messaging Service 同时填写。"),
            },
            Field.Text("messagingServiceSid", "Messaging service SID", "Messaging Service SID") with
            {
                Fault = x => ServiceSidForm().IsMatch(x) ? null : "A messaging service SID is MG and 32 hexadecimal digits.",
                Help = new("Instead of a number: the service chooses one of its own.", "代替发送号码：由该服务从其号码中选择。"),
            },
            Field.Text("apiBaseUrl", "API address", "API 地址") with
            {
                Max = 200,
                Fault = x => FaultOfApiBase(x, allowedOrigins),
                Help = new(
                    "Empty: Twilio in the United States. Another region: https://api.dublin.ie1.twilio.com. A relay's origin must be listed in "
                    + "Notify:SmsTwilio:AllowedOrigins.",
                    "留空为 Twilio 美国区域。其他区域如 https://api.dublin.ie1.twilio.com；中转代理的地址（协议、主机、端口）须列入设置 Notify:SmsTwilio:AllowedOrigins。"),
            },
        ],
        Example,
        (settings, errors) =>
        {
            if (settings is { From: null, MessagingServiceSid: null }) errors.Add("from", "Give a sender or a messaging service.");
            if (settings is { From: not null, MessagingServiceSid: not null })
                errors.Add("messagingServiceSid", "Give either a sender or a messaging service.");
        });

    /// <summary>Restricted, because the account's token is sent to this address.</summary>
    private static string? FaultOfApiBase(string text, IReadOnlyCollection<string> allowedOrigins)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.AbsolutePath != "/"
            || url.Query.Length + url.Fragment.Length + url.UserInfo.Length > 0) return "This is not an address.";
        var origin = url.GetLeftPart(UriPartial.Authority);
        return OwnOrigin().IsMatch(origin) || allowedOrigins.Any(x => string.Equals(x.TrimEnd('/'), origin, StringComparison.OrdinalIgnoreCase))
            ? null : "The origin of the API address must be listed in the setting Notify:SmsTwilio:AllowedOrigins.";
    }

    [GeneratedRegex(@"\AAC[0-9a-fA-F]{32}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AccountSidForm();

    [GeneratedRegex(@"\AMG[0-9a-fA-F]{32}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ServiceSidForm();

    [GeneratedRegex(@"\A(?:\+[1-9][0-9]{6,14}|[0-9]{3,8}|(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9 &+_-]{1,11})\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex SenderForm();

    [GeneratedRegex(@"\Ahttps://api(?:\.[a-z0-9-]+){0,2}\.twilio\.com\z", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex OwnOrigin();
}
