using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;

namespace Notify.Peers.SmsAliyun;

/// <summary>What a phone does with what is sent to it.</summary>
public enum AliyunPhone
{
    /// <summary>It confirms at once.</summary>
    On,

    /// <summary>It confirms when <see cref="AliyunStandIn.Confirm"/> says so.</summary>
    Slow,

    /// <summary>It is off for good: <c>MOBILE_NOT_ON_SERVICE</c>.</summary>
    Off,

    /// <summary>The platform does not take it for a number.</summary>
    Invalid,
}

/// <param name="To">As the platform has it: of mainland China without its country's code.</param>
/// <param name="Text">With the signature in front.</param>
public sealed record AliyunShown(string To, string Text);

/// <summary>
/// Alibaba Cloud's side of SMS: signed requests (ACS3-HMAC-SHA256), signatures and templates, parameters of at most 35 characters without addresses,
/// limits for each number, and receipts that are asked for.
/// </summary>
public sealed partial class AliyunStandIn : HttpStandIn
{
    public const string KeyId = "LTAI5tStandIn000000demo";
    public const string KeySecret = "the-access-key-secret-of-the-stand-in";
    public const string SignName = "某某水厂";
    private const int LongestParameter = 35;
    private static readonly TimeSpan china = TimeSpan.FromHours(8);

    private readonly ConcurrentDictionary<string, string> templates = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, AliyunPhone> phones = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> sent = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> nonces = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Detail> details = new();
    private readonly ConcurrentQueue<AliyunShown> shown = new();
    private int count;
    private int asked;

    private sealed record Detail(string BizId, string Number, string OutId, string TemplateCode, string Content, DateTimeOffset At)
    {
        /// <summary>1: waiting, 2: failed, 3: delivered.</summary>
        public int Status { get; set; } = 1;
        public string ErrCode { get; set; } = "";
    }

    /// <summary>Messages to one number in all, after which the named window is full; 0: no limit.</summary>
    public int PerNumber { get; set; }

    /// <summary>As the platform names the window: 分钟, 小时 or 天.</summary>
    public string Window { get; set; } = "分钟";

    /// <summary>Receipts that have not appeared yet, although their messages were taken.</summary>
    public bool HidesReceipts { get; set; }

    /// <summary>With which code receipts are refused; null: they are answered.</summary>
    public string? RefusesReceipts { get; set; }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<AliyunShown> Shown => [.. shown];

    /// <summary>How often somebody asked for receipts.</summary>
    public int Asked => Volatile.Read(ref asked);

    /// <summary>How many messages were taken.</summary>
    public int Taken => details.Count;

    /// <param name="text">With <c>${name}</c> for each parameter.</param>
    public void AddTemplate(string code, string text) => templates[code] = text;

    /// <param name="number">As the platform has it.</param>
    public void SetPhone(string number, AliyunPhone phone) => phones[number] = phone;

    /// <summary>What the number waits for arrives.</summary>
    public void Confirm(string number)
    {
        foreach (var detail in details.Where(x => x.Number == number && x.Status == 1)) Deliver(detail);
    }

    public static string Refusal(string code, string words) =>
        JsonSerializer.Serialize(new { Code = code, Message = words, RequestId = Guid.NewGuid().ToString().ToUpperInvariant() });

    protected override StandInAnswer Answer(HttpRequest request, string body)
    {
        if (FaultOfSignature(request, body) is { } fault) return fault;
        var form = new FormReader(body).ReadForm().ToDictionary(x => x.Key, x => x.Value.ToString(), StringComparer.Ordinal);
        return request.Headers["x-acs-action"].ToString() switch
        {
            "SendSms" => Take(form),
            "QuerySendDetails" => Ask(form),
            var other => new(404, Refusal("InvalidAction.NotFound", $"Specified api is not found: {other}")),
        };
    }

    private StandInAnswer Take(Dictionary<string, string> form)
    {
        var number = form.GetValueOrDefault("PhoneNumbers", "");
        if (!templates.TryGetValue(form.GetValueOrDefault("TemplateCode", ""), out var text))
            return Refuse("isv.SMS_TEMPLATE_ILLEGAL", "该账号下找不到对应模板");
        if (form.GetValueOrDefault("SignName") != SignName) return Refuse("isv.SMS_SIGNATURE_ILLEGAL", "签名不合法(不存在或被拒绝)");
        var phone = phones.GetValueOrDefault(number);
        if (phone == AliyunPhone.Invalid || !Number().IsMatch(number)) return Refuse("isv.MOBILE_NUMBER_ILLEGAL", $"{number}invalid mobile number");
        Dictionary<string, string> values;
        try
        {
            values = JsonSerializer.Deserialize<Dictionary<string, string>>(form.GetValueOrDefault("TemplateParam", "{}"))!;
        }
        catch (JsonException)
        {
            return Refuse("isv.INVALID_JSON_PARAM", "JSON参数不合法，只接受字符串值");
        }

        foreach (var name in Variable().Matches(text).Select(x => x.Groups["name"].Value))
        {
            if (values.GetValueOrDefault(name) is not { Length: > 0 } value) return Refuse("isv.TEMPLATE_MISSING_PARAMETERS", $"模板缺少变量{name}");
            if (value.Length > LongestParameter) return Refuse("isv.PARAM_LENGTH_LIMIT", $"参数{name}超过长度限制");
            if (value.Contains("://", StringComparison.Ordinal)) return Refuse("isv.PARAM_NOT_SUPPORT_URL", $"不支持URL,{name}");
            text = text.Replace($"${{{name}}}", value, StringComparison.Ordinal);
        }

        if (PerNumber > 0 && sent.GetValueOrDefault(number) >= PerNumber)
            return Refuse("isv.BUSINESS_LIMIT_CONTROL", $"触发{Window}级流控Permits:{PerNumber}");
        var detail = new Detail(
            $"{100000000 + Interlocked.Increment(ref count)}^0", number, form.GetValueOrDefault("OutId", ""), form["TemplateCode"],
            $"【{SignName}】{text}", TimeProvider.System.GetUtcNow());
        return new(
            200, JsonSerializer.Serialize(new { Code = "OK", Message = "OK", detail.BizId, RequestId = "F655A8D5-B967-440B-8683-DAD6FF8DE990" }),
            () =>
            {
                details.Enqueue(detail);
                sent.AddOrUpdate(number, 1, (_, x) => x + 1);
                if (phone == AliyunPhone.On) Deliver(detail);
                else if (phone == AliyunPhone.Off) (detail.Status, detail.ErrCode) = (2, "MOBILE_NOT_ON_SERVICE");
            });
    }

    private void Deliver(Detail detail)
    {
        (detail.Status, detail.ErrCode) = (3, "DELIVERED");
        shown.Enqueue(new(detail.Number, detail.Content));
    }

    private StandInAnswer Ask(Dictionary<string, string> form)
    {
        Interlocked.Increment(ref asked);
        if (RefusesReceipts is { } refusal) return Refuse(refusal, "receipts are refused");
        var (number, bizId) = (form.GetValueOrDefault("PhoneNumber"), form.GetValueOrDefault("BizId"));
        var found = HidesReceipts ? [] : details.Reverse().Where(x => x.Number == number && (bizId is null || x.BizId == bizId)
            && DayOf(x.At) == form.GetValueOrDefault("SendDate")).Take(int.Parse(form["PageSize"], CultureInfo.InvariantCulture)).ToList();
        return new(200, JsonSerializer.Serialize(new
        {
            Code = "OK",
            Message = "OK",
            RequestId = "819BE656-D2E0-4858-8B21-B2E477085AAF",
            TotalCount = found.Count,
            SmsSendDetailDTOs = new
            {
                SmsSendDetailDTO = found.Select(x => new
                {
                    PhoneNum = x.Number,
                    x.OutId,
                    x.TemplateCode,
                    x.Content,
                    SendStatus = x.Status,
                    x.ErrCode,
                    SendDate = x.At.ToOffset(china).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                }),
            },
        }));
    }

    private static string DayOf(DateTimeOffset at) => at.ToOffset(china).ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private static StandInAnswer Refuse(string code, string words) => new(200, Refusal(code, words));

    /// <summary>Recomputed from what arrived.</summary>
    private StandInAnswer? FaultOfSignature(HttpRequest request, string body)
    {
        var given = Authorization().Match(request.Headers.Authorization.ToString());
        if (!given.Success) return new(400, Refusal("MissingAuthorization", "Authorization is mandatory for this action."));
        if (given.Groups["key"].Value != KeyId) return new(404, Refusal("InvalidAccessKeyId.NotFound", "Specified access key is not found."));
        var names = given.Groups["headers"].Value.Split(';');
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)));
        if (request.Headers["x-acs-content-sha256"] != hash || !names.SequenceEqual(names.Order(StringComparer.Ordinal))
            || !((string[])["host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"]).All(names.Contains))
            return new(400, Refusal("SignatureDoesNotMatch", "Specified signature is not matched with our calculation."));
        var query = string.Join('&', request.Query.OrderBy(x => x.Key, StringComparer.Ordinal)
            .Select(x => $"{Uri.EscapeDataString(x.Key)}={Uri.EscapeDataString(x.Value.ToString())}"));
        var canonical = $"{request.Method}\n{request.Path}\n{query}\n"
            + string.Concat(names.Select(x => $"{x}:{request.Headers[x].ToString().Trim()}\n")) + $"\n{string.Join(';', names)}\n{hash}";
        var toSign = $"ACS3-HMAC-SHA256\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var expected = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(KeySecret), Encoding.UTF8.GetBytes(toSign)));
        if (given.Groups["signature"].Value != expected)
            return new(400, Refusal("SignatureDoesNotMatch", "Specified signature is not matched with our calculation."));
        if (!DateTimeOffset.TryParse(request.Headers["x-acs-date"], CultureInfo.InvariantCulture, out var at)
            || (TimeProvider.System.GetUtcNow() - at).Duration() > TimeSpan.FromMinutes(15))
            return new(400, Refusal("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."));
        return nonces.TryAdd(request.Headers["x-acs-signature-nonce"].ToString(), true)
            ? null : new(400, Refusal("SignatureNonceUsed", "Specified signature nonce was used already."));
    }

    [GeneratedRegex(@"^ACS3-HMAC-SHA256 Credential=(?<key>[^,]+),SignedHeaders=(?<headers>[^,]+),Signature=(?<signature>[0-9a-f]{64})$",
        RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Authorization();

    [GeneratedRegex(@"\$\{(?<name>\w+)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Variable();

    [GeneratedRegex(@"^(1[3-9][0-9]{9}|[1-9][0-9]{6,14})$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Number();
}
