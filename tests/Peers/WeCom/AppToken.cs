namespace Notify.Peers.WeCom;

/// <summary>GET /cgi-bin/gettoken?corpid=&amp;corpsecret= — one token for each app. Asked from any address: trusted IPs do not matter here.</summary>
internal sealed class AppToken(Apps apps, Faults faults, ReceivedLog log, Wire wire)
{
    public const string Path = "/cgi-bin/gettoken";

    public Task GetAsync(HttpContext http)
    {
        log.AddTokenCall();
        var (verdict, app) = Judge(http.Request.Query["corpid"].ToString(), http.Request.Query["corpsecret"].ToString());
        var fault = faults.Take(Path, null, app);
        if (fault is { Kind: FaultKind.ErrCode })
            verdict = new(fault.Code);
        var answer = Wire.Body(verdict.Code, wire.ErrMsg(http, verdict, fault), verdict.Code != 0 ? null : json =>
        {
            var (token, secondsLeft) = apps.TokenOf(app!);
            json.WriteString("access_token", token);
            json.WriteNumber("expires_in", secondsLeft);
        });
        return wire.AnswerAsync(http, fault, answer);
    }

    private (Verdict Verdict, App? App) Judge(string corpId, string secret)
    {
        if (corpId.Length == 0)
            return (new(41002), null);
        if (secret.Length == 0)
            return (new(41004), null);
        var all = apps.All;
        var ofCorp = all.Where(app => app.CorpId == corpId).ToList();
        if (ofCorp.Count == 0)
            return (new(40013), null);
        if (ofCorp.Find(app => app.Secret == secret) is { } found)
            return (Verdict.Ok, found);
        return (new(all.Any(app => app.Secret == secret) ? 40091 : 40001), null);
    }
}
