using System.Text.RegularExpressions;
using Notify.Channels.Fields;
using Notify.Channels.Sms;
using Notify.Kernel.Secrets;

namespace Notify.Channels.SmsAliyun;

/// <param name="Endpoint">A host of the platform, or an origin that the configuration allows.</param>
internal sealed partial record AliyunSettings(string AccessKeyId, SecretRef AccessKeySecret, string Endpoint)
{
    private const string Example = """
        { "type": "sms-aliyun", "name": "SMS in China", "description": "For the people on duty",
          "sms-aliyun": { "accessKeyId": "LTAI5t00000000000000demo", "accessKeySecret": "the-access-key-secret" } }
        """;

    public SmsRoutes<AliyunSettings> ToRoutes() => new(this, $"{AliyunChannel.TypeName}/{AccessKeyId}", AccessKeyId);

    public Uri ToUri() => new(Endpoint.Contains("://", StringComparison.Ordinal) ? Endpoint : $"https://{Endpoint}");

    /// <param name="allowedOrigins">Allowed origins of endpoints, in addition to the platform's own.</param>
    public static IChannelSettings Described(IReadOnlyCollection<string> allowedOrigins) => new DescribedSettings<AliyunSettings>(
        AliyunChannel.TypeName,
        [
            Field.Text("accessKeyId", "AccessKey ID", "AccessKey ID", required: true) with
            {
                Max = 128,
                Fault = x => KeyForm().IsMatch(x) ? null : "An AccessKey ID has letters and digits only.",
                Help = new(
                    "RAM console > the user > AccessKey. The user needs dysms:SendSms and dysms:QuerySendDetails.",
                    "RAM 控制台 > 用户 > AccessKey。该用户需有 dysms:SendSms 和 dysms:QuerySendDetails 权限。"),
            },
            Field.Secret("accessKeySecret", "AccessKey secret", "AccessKey Secret", required: true),
            Field.Text("endpoint", "Endpoint", "接入点") with
            {
                Default = "dysmsapi.aliyuncs.com",
                Max = 200,
                Fault = x => FaultOfEndpoint(x, allowedOrigins),
                Help = new(
                    "dysmsapi.aliyuncs.com, or that of another region. A relay's origin must be listed in Notify:SmsAliyun:AllowedOrigins.",
                    "dysmsapi.aliyuncs.com，或其他地域的接入点。中转代理的地址（协议、主机、端口）须列入设置 Notify:SmsAliyun:AllowedOrigins。"),
            },
        ],
        Example);

    private static string? FaultOfEndpoint(string text, IReadOnlyCollection<string> allowedOrigins) =>
        OwnHost().IsMatch(text) || allowedOrigins.Any(x => string.Equals(x.TrimEnd('/'), text.TrimEnd('/'), StringComparison.OrdinalIgnoreCase))
            ? null
            : "Give a host such as dysmsapi.aliyuncs.com, or an origin listed in the setting Notify:SmsAliyun:AllowedOrigins.";

    [GeneratedRegex(@"\A[A-Za-z0-9.]{4,128}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex KeyForm();

    [GeneratedRegex(@"\Adysmsapi(?:[.-][a-z0-9-]+)*\.aliyuncs\.com\z", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex OwnHost();
}
