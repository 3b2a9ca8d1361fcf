using System.Globalization;

namespace Notify.Peers.WeCom;

/// <summary>What the platform decided about one call.</summary>
/// <param name="Code">0 = ok.</param>
/// <param name="Detail">Text in place of the code's own.</param>
internal readonly record struct Verdict(int Code, string? Detail = null)
{
    public static Verdict Ok => default;

    public static Verdict TooLong(string field, int limit) =>
        new(40058, $"{field} exceed max length {limit.ToString(CultureInfo.InvariantCulture)}. invalid Request Parameter");

    public static Verdict BadField(string field) => new(40058, $"{field} invalid. invalid Request Parameter");
}

/// <summary>The platform's codes and the English text each answers with.</summary>
internal static class ErrorCodes
{
    private static readonly Dictionary<int, string> texts = new()
    {
        [-1] = "system busy",
        [40001] = "invalid credential",
        [40003] = "invalid userid",
        [40004] = "invalid media type",
        [40005] = "invalid file type",
        [40006] = "invalid file size",
        [40007] = "invalid media_id",
        [40008] = "invalid message type",
        [40009] = "invalid image size",
        [40013] = "invalid corpid",
        [40014] = "invalid access_token",
        [40031] = "invalid userid list",
        [40032] = "invalid userid list size",
        [40033] = "invalid request character",
        [40039] = "invalid url size",
        [40056] = "invalid agentid",
        [40058] = "invalid Request Parameter",
        [40063] = "some parameters are empty",
        [40074] = "news can not be confidential",
        [40091] = "secret is invalid",
        [40094] = "invalid url",
        [41001] = "access_token missing",
        [41002] = "corpid missing",
        [41004] = "corpsecret missing",
        [41011] = "missing agentid",
        [41016] = "missing title",
        [41033] = "missing description",
        [42001] = "access_token expired",
        [44001] = "empty media data",
        [44004] = "text content is empty",
        [45001] = "media size out of limit",
        [45002] = "content size out of limit",
        [45008] = "article size out of limit",
        [45009] = "api freq out of limit",
        [45033] = "api concurrent out of limit",
        [47001] = "data format error",
        [48002] = "api forbidden",
        [50003] = "agent disabled",
        [60011] = "no privilege to access/modify contact/party/agent",
        [60020] = "not allow to access from your ip",
        [81013] = "user & party & tag all invalid",
        [82001] = "touser & toparty & totag all empty",
        [82002] = "invalid party list size",
        [82003] = "invalid tag list size",
        [82004] = "content may crash clients",
        [85002] = "contains banned words",
        [93000] = "invalid webhook url",
        [93004] = "robot is stopped",
        [93008] = "not in group",
        [301002] = "not allow operate another agent with this accesstoken",
        [301019] = "media md5 not match",
    };

    private static long asked;

    /// <summary>
    /// The whole errmsg: text, hint (the number support asks for), the address the platform saw, and the page about the code.
    /// </summary>
    public static string Message(Verdict verdict, string ip, DateTimeOffset now)
    {
        var text = verdict.Detail ?? texts.GetValueOrDefault(verdict.Code, "unknown error");
        var hint = now.ToUnixTimeMilliseconds() * 1_000_000 + Interlocked.Increment(ref asked) % 1_000_000;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{text}, hint: [{hint}], from ip: {ip}, more info at https://open.work.weixin.qq.com/devtool/query?e={verdict.Code}");
    }
}
