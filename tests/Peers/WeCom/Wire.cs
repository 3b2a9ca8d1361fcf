using System.Buffers;
using System.Net.Sockets;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Connections.Features;

namespace Notify.Peers.WeCom;

/// <summary>Answers, whole or broken on purpose. Business errors are HTTP 200; the verdict is only in errcode.</summary>
internal sealed class Wire(WeComOptions options, CancellationToken stopping)
{
    private const string proxyPage = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>";
    private static readonly byte[] okBody = """{"errcode":0,"errmsg":"ok"}"""u8.ToArray();
    private static readonly JsonWriterOptions readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string ErrMsg(HttpContext http, Verdict verdict, Fault? fault) =>
        fault is { Echoes: true } ? $"{ErrMsg(http, verdict)} {Echo(http)}" : ErrMsg(http, verdict);

    private string ErrMsg(HttpContext http, Verdict verdict)
    {
        if (verdict.Code == 0)
            return "ok";
        var ip = options.SeenIp ?? http.Connection.RemoteIpAddress?.MapToIPv4().ToString() ?? "127.0.0.1";
        return ErrorCodes.Message(verdict, ip, options.Clock.GetUtcNow());
    }

    /// <summary>{"errcode":…,"errmsg":…} and what the fields add.</summary>
    public static byte[] Body(int code, string errMsg, Action<Utf8JsonWriter>? fields = null)
    {
        if (code == 0 && fields is null)
            return okBody;
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, readable))
        {
            json.WriteStartObject();
            json.WriteNumber("errcode", code);
            json.WriteString("errmsg", errMsg);
            fields?.Invoke(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The answer, as the fault leaves it.</summary>
    public async Task AnswerAsync(HttpContext http, Fault? fault, byte[] answer)
    {
        if (fault is { DelayMs: > 0 })
            await Task.Delay(fault.DelayMs, http.RequestAborted);
        switch (fault?.Kind)
        {
            case FaultKind.HttpStatus:
                http.Response.StatusCode = fault.Code;
                await HtmlAsync(http, fault);
                break;
            case FaultKind.Html:
                await HtmlAsync(http, fault);
                break;
            case FaultKind.EmptyBody:
                http.Response.ContentLength = 0;
                break;
            case FaultKind.CutBody:
                // Kestrel closes the connection when a response ends short of its announced length.
                http.Response.ContentType = "application/json; charset=UTF-8";
                http.Response.ContentLength = answer.Length;
                await http.Response.Body.WriteAsync(answer.AsMemory(0, answer.Length / 2), http.RequestAborted);
                await http.Response.Body.FlushAsync(http.RequestAborted);
                break;
            case FaultKind.MissingErrCode:
                await JsonAsync(http, """{"errmsg":"ok"}"""u8.ToArray());
                break;
            case FaultKind.ResetBefore or FaultKind.ResetAfter:
                Reset(http);
                break;
            case FaultKind.Hang:
                using (var either = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping))
                    await Task.Delay(Timeout.Infinite, either.Token);
                break;
            default:
                await JsonAsync(http, answer);
                break;
        }
    }

    private static async Task JsonAsync(HttpContext http, byte[] json)
    {
        http.Response.ContentType = "application/json; charset=UTF-8";
        http.Response.ContentLength = json.Length;
        await http.Response.Body.WriteAsync(json, http.RequestAborted);
    }

    private static async Task HtmlAsync(HttpContext http, Fault fault)
    {
        http.Response.ContentType = "text/html";
        await http.Response.WriteAsync(fault.Echoes
            ? proxyPage.Replace("<h1>", $"<p>{Echo(http)}</p><h1>", StringComparison.Ordinal) : proxyPage, http.RequestAborted);
    }

    private static string Echo(HttpContext http)
    {
        var url = Microsoft.AspNetCore.Http.Extensions.UriHelper.GetEncodedUrl(http.Request);
        var values = http.Request.Query.Select(x => x.Value.ToString()).OrderByDescending(x => x.Length).ToList();
        return $"""
            {values[0][..(values[0].Length * 2 / 3)]} {url} {Uri.EscapeDataString(url)} {JsonSerializer.Serialize(url)} {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(url))}
            {url.ToUpperInvariant()} {string.Join(' ', values)}
            """;
    }

    private static void Reset(HttpContext http)
    {
        // Without lingering the peer sees a reset, not an orderly end.
        if (http.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        http.Abort();
    }
}
