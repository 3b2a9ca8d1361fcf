using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;
using Notify.Kernel.Texts;

namespace Notify.Alarms.ByLink;

/// <summary><c>/a/{token}</c>, the target of <c>{urlPath}</c> in a message. GET shows the alarm and changes nothing, so that link previews
/// acknowledge nothing; POST of the page's own form acknowledges. <c>?lang=en|zh</c> overrides the browser's language.</summary>
public static class AcknowledgePageEndpoints
{
    private const int MostBytes = 16 * 1024;
    private const string FormType = "application/x-www-form-urlencoded";

    public static void Map(IEndpointRouteBuilder routes)
    {
        const string why = "Whoever has the link in a message may see this one alarm and acknowledge it, unless a sign-in is required.";
        routes.MapMethods("/a/{token}", [HttpMethods.Get, HttpMethods.Head], ShowAsync).Query(QueryParameter.Language).Open(why).ExcludeFromDescription();
        routes.MapPost("/a/{token}", AcknowledgeAsync).Query(QueryParameter.Language).Open(why).ExcludeFromDescription();
    }

    private static async Task ShowAsync(string token, HttpContext http, AcknowledgeByLink byLink, ConfirmByLink drills)
    {
        if (await IsRefusedAsync(http, token)) return;
        if (drills.RunOf(token) is { } run)
        {
            await AnswerAsync(http, await drills.ReadAsync(run), new(SignedIn(http)?.Name));
            return;
        }

        var linked = await byLink.ReadAsync(token, http.RequestAborted);
        await AnswerAsync(http, StatusOf(linked.State), x => x.Of(linked, new(SignedIn(http)?.Name)));
    }

    private static async Task AcknowledgeAsync(
        string token, HttpContext http, AcknowledgeByLink byLink, ConfirmByLink drills, ProblemTexts texts)
    {
        if (await IsRefusedAsync(http, token) || await ReadFormAsync(http) is not { } form) return;
        var signedIn = SignedIn(http)?.Name;
        var (name, note) = (FieldOf(http, form, "name"), FieldOf(http, form, "note"));
        try
        {
            if (drills.RunOf(token) is not null)
            {
                var drill = await drills.RunAsync(token, name, note, signedIn is not null, http.Audit());
                await AnswerAsync(http, drill, new(signedIn), drill is { Drill: not null, Confirmed: false });
                return;
            }

            var linked = await byLink.RunAsync(token, name, note, signedIn is not null, http.Audit(), http.RequestAborted);
            var status = linked.State == LinkState.Acknowledged ? StatusCodes.Status409Conflict : StatusOf(linked.State);
            await AnswerAsync(http, status, x => x.Of(linked, new(signedIn)));
        }
        catch (ProblemException e) when (e is { Status: StatusCodes.Status400BadRequest, Errors: { } errors })
        {
            var faults = errors.ToDictionary(
                x => x.Key, x => (string[])[.. x.Value.Select(fault => texts.In(fault, IsChinese(http)))], StringComparer.Ordinal);
            AcknowledgeForm typed = new(signedIn, name, note, faults);
            if (drills.RunOf(token) is { } run)
            {
                var asked = await drills.ReadAsync(run);
                await AnswerAsync(http, e.Status, x => x.Of(asked.Drill, done: false, typed));
                return;
            }

            var linked = await byLink.ReadAsync(token, http.RequestAborted);
            await AnswerAsync(http, e.Status, x => x.Of(linked, typed));
        }
    }

    /// <summary>Answers requests whose link is invalid, or whose reader must sign in first.</summary>
    private static async Task<bool> IsRefusedAsync(HttpContext http, string token)
    {
        var services = http.RequestServices;
        if (services.GetRequiredService<AcknowledgeLinks>().Read(token) is null)
        {
            var (wrong, address) = (services.GetRequiredService<WrongKeys>(), RequestAudit.AddressOf(http));
            if (wrong.MustWait(address) is { } wait)
            {
                http.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
                await SayAsync(http, StatusCodes.Status429TooManyRequests, new("Too many wrong links", "错误链接过多"),
                    new("Too many wrong links came from this address. Wait a minute, or open the link in the message.",
                        "来自此地址的错误链接过多。请稍等一分钟，或直接打开通知中的链接。"));
                return true;
            }

            wrong.Note(address);
            await AnswerAsync(http, StatusCodes.Status404NotFound, x => x.Of(new(LinkState.Unknown), new(null)));
            return true;
        }

        if (!services.GetRequiredService<IOptions<AcknowledgeLinkSettings>>().Value.SignIn || SignedIn(http) is not null) return false;
        if (http.User.Identity?.IsAuthenticated == true)
        {
            EndpointPermissions.Missed(http, Permission.AlarmsAcknowledge);
            await SayAsync(http, StatusCodes.Status403Forbidden, new("Not allowed", "无权操作"),
                new("You may not acknowledge alarms.", "您无权确认报警。"));
        }
        else
        {
            await AnswerAsync(http, StatusCodes.Status401Unauthorized, x => x.Say(
                new("Sign in first", "请先登录"), new("Sign in to Notify to see and acknowledge the alarm.", "请先登录 Notify，再查看并确认该报警。"),
                signInFor: token));
        }

        return true;
    }

    /// <summary>Null, with an answer sent, when the body is not that of the form.</summary>
    private static async Task<IFormCollection?> ReadFormAsync(HttpContext http)
    {
        var request = http.Request;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = MostBytes;
        var status = StatusCodes.Status415UnsupportedMediaType;
        try
        {
            if (request.HasFormContentType && request.ContentType!.StartsWith(FormType, StringComparison.OrdinalIgnoreCase))
                return await request.ReadFormAsync(http.RequestAborted);
        }
        catch (BadHttpRequestException e)
        {
            status = e.StatusCode;
        }
        catch (InvalidDataException)
        {
            status = StatusCodes.Status400BadRequest;
        }

        await SayAsync(http, status, new("This could not be read", "无法读取"),
            new("Open the link again, and use the button on the page.", "请重新打开链接，并使用页面上的按钮。"), again: true);
        return null;
    }

    /// <summary>Browsers submit line ends as CR LF; they are converted to LF.</summary>
    private static string FieldOf(HttpContext http, IFormCollection form, string field) =>
        http.RequestServices.GetRequiredService<KnownSecrets>().Strike(form[field].ToString().ReplaceLineEndings("\n")) ?? "";

    /// <summary>The caller if authenticated by session or API key and permitted to acknowledge alarms; otherwise null.</summary>
    private static Actor? SignedIn(HttpContext http) =>
        http.User.Identity?.IsAuthenticated == true && http.User.Has(Permission.AlarmsAcknowledge) ? http.Audit().Actor : null;

    private static bool IsChinese(HttpContext http) =>
        http.Query().Text("lang") switch { "zh" => true, "en" => false, _ => http.PrefersChinese() };

    private static int StatusOf(LinkState state) => state switch
    {
        LinkState.Unknown => StatusCodes.Status404NotFound,
        LinkState.Expired or LinkState.Revoked or LinkState.Ended => StatusCodes.Status410Gone,
        _ => StatusCodes.Status200OK,
    };

    private static Task SayAsync(HttpContext http, int status, BilingualText title, BilingualText text, bool again = false) =>
        AnswerAsync(http, status, x => x.Say(title, text, again));

    /// <param name="late">Whether the drill could no longer be confirmed.</param>
    private static Task AnswerAsync(HttpContext http, DrillDescribed described, AcknowledgeForm form, bool late = false)
    {
        var status = described.Drill switch
        {
            null => StatusCodes.Status404NotFound,
            { ConfirmedBy: null, IsOpen: false } => StatusCodes.Status410Gone,
            _ => late ? StatusCodes.Status409Conflict : StatusCodes.Status200OK,
        };
        return AnswerAsync(http, status, x => x.Of(described.Drill, described.Confirmed, form));
    }

    private static Task AnswerAsync(HttpContext http, int status, Func<AcknowledgePage, string> page)
    {
        var (services, chinese) = (http.RequestServices, IsChinese(http));
        var zone = TimeZones.Default(services.GetRequiredService<IConfiguration>());
        var bytes = Encoding.UTF8.GetBytes(page(new(chinese, zone, services.GetRequiredService<TimeProvider>().GetUtcNow())));
        var (response, headers) = (http.Response, http.Response.Headers);
        (response.StatusCode, response.ContentType, response.ContentLength) = (status, "text/html; charset=utf-8", bytes.Length);
        headers.ContentSecurityPolicy = AcknowledgePage.ContentSecurityPolicy;
        headers.ContentLanguage = chinese ? "zh" : "en";
        headers["X-Robots-Tag"] = "noindex, nofollow";
        // The browser must send the origin of the form, which is needed to accept the session cookie, but must not disclose the link to others.
        headers["Referrer-Policy"] = "same-origin";
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(bytes, http.RequestAborted).AsTask();
    }
}
