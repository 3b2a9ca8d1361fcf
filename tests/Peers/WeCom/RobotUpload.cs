using System.Globalization;

namespace Notify.Peers.WeCom;

/// <summary>POST /cgi-bin/webhook/upload_media?key=&amp;type=file|voice — multipart, the part is named media.</summary>
internal sealed class RobotUpload(WeComOptions options, Robots robots, Faults faults, Wire wire)
{
    public const string Path = "/cgi-bin/webhook/upload_media";
    private const int fileBytes = 20 * 1024 * 1024;
    private const int voiceBytes = 2 * 1024 * 1024;

    public async Task UploadAsync(HttpContext http)
    {
        var key = http.Request.Query["key"].ToString();
        var type = http.Request.Query["type"].ToString();
        var fault = faults.Take(Path, key, null);
        var robot = robots.Find(key);
        var verdict = fault is { Kind: FaultKind.ErrCode } ? new Verdict(fault.Code) : await JudgeAsync(http, robot, type);
        var now = options.Clock.GetUtcNow();
        var answer = Wire.Body(verdict.Code, wire.ErrMsg(http, verdict, fault: null), verdict.Code != 0 ? null : json =>
        {
            json.WriteString("type", type);
            json.WriteString("media_id", robot!.KeepMedia(now));
            json.WriteString("created_at", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        });
        await wire.AnswerAsync(http, fault, answer);
    }

    private static async Task<Verdict> JudgeAsync(HttpContext http, Robot? robot, string type)
    {
        if (robot is null)
            return new(93000);
        if (type is not ("file" or "voice"))
            return new(40004);
        if (!HttpMethods.IsPost(http.Request.Method) || !http.Request.HasFormContentType)
            return new(40063);
        var media = (await http.Request.ReadFormAsync(http.RequestAborted)).Files.GetFile("media");
        if (media is null)
            return new(44001);
        if (media.Length <= 5 || media.Length > (type == "voice" ? voiceBytes : fileBytes))
            return new(40006);
        return type == "voice" && !await IsAmrAsync(media) ? new(40005) : Verdict.Ok;
    }

    private static async Task<bool> IsAmrAsync(IFormFile media)
    {
        await using var stream = media.OpenReadStream();
        var head = new byte[6];
        await stream.ReadExactlyAsync(head);
        return head.AsSpan().StartsWith("#!AMR"u8);
    }
}
