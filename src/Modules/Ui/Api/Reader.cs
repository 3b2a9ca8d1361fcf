using System.Globalization;
using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Notify.Kernel.Http;

namespace Notify.Ui.Api;

/// <summary>
/// The user of the console on this connection, with their language and address, taken from the request that opened the connection.
/// </summary>
public sealed class Reader
{
    public const string LanguageCookie = "notify-language";
    public const string ThemeCookie = "notify-theme";
    public const string KeysCookie = "notify-keys";

    private static readonly CultureInfo chinese = CultureInfo.GetCultureInfo("zh-CN");
    private static readonly CultureInfo english = CultureInfo.GetCultureInfo("en-GB");

    private readonly TimeProvider time;
    private readonly (string? UserId, string? Session) session;
    private DateTimeOffset activeAt;

    public Reader(IHttpContextAccessor accessor, TimeProvider time)
    {
        this.time = time;
        activeAt = time.GetUtcNow();
        var http = accessor.HttpContext;
        session = (http?.User.FindFirstValue(ClaimTypes.NameIdentifier), http?.User.FindFirstValue(RequestAudit.SessionClaim));
        IsChinese = http is not null && ReadsChinese(http);
        Address = http?.Connection.RemoteIpAddress;
        Client = http?.Request.Headers.UserAgent.ToString() ?? "";
    }

    /// <summary>Raised once, when the API has answered that the session has ended.</summary>
    public event Action? Ended;

    public bool HasEnded { get; private set; }

    public PageCaller Caller => new(session.UserId, session.Session, activeAt);

    public bool IsChinese { get; }

    public IPAddress? Address { get; }

    /// <summary>The browser's User-Agent.</summary>
    public string Client { get; }

    public CultureInfo Culture => IsChinese ? chinese : english;

    /// <summary>An IANA name; the browser sends it when the page has started.</summary>
    public string? TimeZone { get; set; }

    /// <summary>Records that the person has done something.</summary>
    public void Touch() => activeAt = time.GetUtcNow();

    /// <summary>The session has ended: it never begins again on this connection.</summary>
    public void End()
    {
        if (HasEnded) return;
        HasEnded = true;
        Ended?.Invoke();
    }

    /// <summary>By <c>?lang=</c>, else by the earlier choice, else by the browser's language.</summary>
    public static bool ReadsChinese(HttpContext http) => (http.Query().Text("lang") ?? http.Request.Cookies[LanguageCookie]) switch
    {
        "zh" => true,
        "en" => false,
        _ => http.PrefersChinese(),
    };
}
