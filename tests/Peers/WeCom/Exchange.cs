using System.Text.Json;

namespace Notify.Peers.WeCom;

/// <summary>One send from request to answer, the same for robots and apps: meet the fault, judge, record, answer.</summary>
internal sealed class Exchange(WeComOptions options, ReceivedLog log, Wire wire)
{
    private static readonly string[] keptHeaders = ["traceparent", "tracestate", "user-agent", "content-type"];

    /// <summary>Decides about a message. The body is null when it is no JSON object.</summary>
    public delegate Verdict Judge(JsonElement? body, byte[] bytes, Received message);

    public async Task RunAsync(HttpContext http, Received message, Fault? fault, Judge judge)
    {
        message.Fault = fault?.Kind;
        if (log.WantsMessages)
            message.Headers = HeadersOf(http.Request);
        if (fault is { Kind: FaultKind.ResetBefore })
        {
            log.Add(message);
            await wire.AnswerAsync(http, fault, []);
            return;
        }

        var bytes = await Json.ReadBodyAsync(http.Request);
        var verdict = Decide(bytes, message, fault, judge);
        var errMsg = wire.ErrMsg(http, verdict, fault);
        if (fault is null or { Kind: FaultKind.ErrCode or FaultKind.Slow })
        {
            message.ErrCode = verdict.Code;
            message.ErrMsg = errMsg;
        }

        // Recorded before the answer leaves, so that who has the answer also finds the record.
        log.Add(message);
        await wire.AnswerAsync(http, fault, Answer(message, verdict, errMsg));
    }

    private Verdict Decide(byte[] bytes, Received message, Fault? fault, Judge judge)
    {
        using var parsed = Parse(bytes);
        JsonElement? body = parsed?.RootElement is { ValueKind: JsonValueKind.Object } root ? root : null;
        var verdict = Verdict.Ok;
        try
        {
            if (log.WantsMessages)
                Describe(message, body, bytes);
            if (fault is null || fault.IsProcessed)
                verdict = judge(body, bytes, message);
        }
        catch (InvalidOperationException)
        {
            // Bytes that are no UTF-8, or half a surrogate pair.
            verdict = new(40033);
        }

        return fault is { Kind: FaultKind.ErrCode } ? new(fault.Code) : verdict;
    }

    private void Describe(Received message, JsonElement? body, byte[] bytes)
    {
        if (options.KeepBodies || options.OnReceived is not null)
            message.BodyBytes = bytes;
        if (body is not { } json)
            return;
        message.MsgType = json.Text("msgtype");
        message.ToUser = json.Text("touser").Split('|', StringSplitOptions.RemoveEmptyEntries);
        message.Text = RenderedText.Of(json, message.MsgType, message.Channel);
    }

    private static byte[] Answer(Received message, Verdict verdict, string errMsg) =>
        message.Channel == WeComChannel.Robot || verdict.Code != 0
            ? Wire.Body(verdict.Code, errMsg)
            : Wire.Body(verdict.Code, errMsg, json =>
            {
                List(json, "invaliduser", message.InvalidUser);
                List(json, "invalidparty", message.InvalidParty);
                List(json, "invalidtag", message.InvalidTag);
                List(json, "unlicenseduser", message.UnlicensedUser);
                json.WriteString("msgid", message.MsgId);
            });

    private static void List(Utf8JsonWriter json, string name, IReadOnlyList<string> ids)
    {
        if (ids.Count > 0)
            json.WriteString(name, string.Join('|', ids));
    }

    private static JsonDocument? Parse(byte[] bytes)
    {
        try
        {
            return JsonDocument.Parse(bytes);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Dictionary<string, string> HeadersOf(HttpRequest request)
    {
        var found = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in keptHeaders)
            if (request.Headers.TryGetValue(name, out var value))
                found[name] = value.ToString();
        return found;
    }
}
