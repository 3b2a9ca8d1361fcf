using System.Security.Cryptography;
using System.Text;
using Notify.Channels.Fields;
using Notify.Channels.Http;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Channels.Webhook;

/// <param name="SigningSecret"><c>whsec_</c> and 24 to 64 bytes in Base64.</param>
/// <param name="Headers">Sent with each request, such as <c>Authorization</c>.</param>
internal sealed record WebhookSettings(string Url, SecretRef SigningSecret, IReadOnlyDictionary<string, SecretRef> Headers)
{
    public const string SecretPrefix = "whsec_";

    private const string Example = """
        { "type": "webhook", "name": "Ticket system", "description": "Opens a ticket for each alarm",
          "webhook": { "url": "https://tickets.example.com/hooks/notify", "signingSecret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "headers": { "Authorization": "Bearer a-token-of-the-ticket-system" } } }
        """;

    /// <param name="addresses">Decides which hosts may be called.</param>
    /// <param name="allowHttp">Whether the address may be without TLS.</param>
    public static IChannelSettings Described(OutgoingAddresses addresses, bool allowHttp) => new DescribedSettings<WebhookSettings>(
        WebhookChannel.TypeName,
        [
            Field.Text("url", "URL", "地址", required: true) with
            {
                Max = 2000,
                Fault = x => EnteredAddress.FaultOf(x, addresses, allowHttp),
                Help = new("The address to send requests to. Put keys into a header, since the address can be read.", "请求发送到的地址。地址可被读取，密钥请放在请求头中。"),
            },
            Field.Secret("signingSecret", "Signing secret", "签名密钥", required: true) with
            {
                Fault = FaultOfSecret,
                Help = new(
                    "Each request is signed with it (Standard Webhooks): whsec_ and 24 to 64 bytes in base 64.",
                    "用于为每个请求签名（Standard Webhooks）：whsec_ 加 24 至 64 字节的 base64。"),
            },
            new("headers", FieldType.SecretMap, new("Headers", "请求头"))
            {
                Max = 20,
                Fault = FaultOfHeaderValue,
                Destination = new(["url"]),
                Help = new("Sent with each request, such as Authorization.", "随每个请求发送，例如 Authorization。"),
            },
        ],
        Example,
        (settings, errors) =>
        {
            foreach (var name in settings.Headers.Keys.Where(x => !IsHeader(x)))
                errors.Add($"headers.{name}", "This is not a header that can be set.");
        });

    private static string? FaultOfSecret(string text)
    {
        var bytes = new byte[64];
        return text.StartsWith(SecretPrefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(text[SecretPrefix.Length..], bytes, out var length) && length >= 24
            ? null : "A signing secret is whsec_ and 24 to 64 bytes in base 64.";
    }

    /// <summary>Other characters cannot be sent, or would end the header.</summary>
    private static string? FaultOfHeaderValue(string text) =>
        text.All(x => x is >= ' ' and <= '~') ? null : "A header's value has only letters, digits, punctuation and spaces of ASCII.";

    private static bool IsHeader(string name) =>
        name.Length is > 0 and <= 100 && name.All(x => char.IsAsciiLetterOrDigit(x) || x is '-' or '_')
        && !name.StartsWith("webhook-", StringComparison.OrdinalIgnoreCase) && !name.StartsWith("content-", StringComparison.OrdinalIgnoreCase)
        && !((string[])["host", "connection", "transfer-encoding", "upgrade", "te", "trailer", "expect"]).Contains(
            name, StringComparer.OrdinalIgnoreCase);
}

internal sealed class WebhookRoutes(WebhookSettings settings) : IRoutes
{
    /// <summary>Services that call the same address share the lane.</summary>
    private readonly string lane =
        $"{WebhookChannel.TypeName}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(settings.Url)))[..16]}";

    public WebhookSettings Settings => settings;

    public IEnumerable<(string Lane, string Name)> Lanes => [(lane, new Uri(settings.Url).Host)];

    public bool Has(Receiver receiver) => receiver.Kind == WebhookChannel.Endpoint;

    public string? LaneOf(IReadOnlyList<Receiver> receivers) => lane;

    public Audience AudienceOf(IReadOnlyList<Receiver> receivers) => Audience.One;
}
