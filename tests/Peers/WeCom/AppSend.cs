using System.Text.Json;

namespace Notify.Peers.WeCom;

/// <summary>POST /cgi-bin/message/send?access_token= — a message of an app to members.</summary>
internal sealed class AppSend(WeComOptions options, Apps apps, Faults faults, Exchange exchange)
{
    public const string Path = "/cgi-bin/message/send";
    private static readonly TimeSpan defaultDuplicateInterval = TimeSpan.FromSeconds(1800);
    private static readonly TimeSpan longestDuplicateInterval = TimeSpan.FromHours(4);

    public Task SendAsync(HttpContext http)
    {
        var (code, app) = apps.Authenticate(http.Request.Query["access_token"].ToString());
        var message = new Received
        {
            At = options.Clock.GetUtcNow(),
            Channel = WeComChannel.App,
            CorpId = app?.CorpId,
            AgentId = app?.AgentId,
            AppName = app?.Name,
        };
        var posted = HttpMethods.IsPost(http.Request.Method) && !http.Request.HasFormContentType;
        return exchange.RunAsync(http, message, faults.Take(Path, null, app), (body, bytes, received) =>
        {
            if (code != 0)
                return new(code);
            if (!app!.TrustsCaller)
                return new(60020);
            if (!posted)
                return new(40063);
            return body is { } json ? Judge(app, json, bytes, received) : new(47001);
        });
    }

    private Verdict Judge(App app, JsonElement body, byte[] bytes, Received message)
    {
        var agent = CheckAgent(app, body);
        if (agent.Code != 0)
            return agent;
        var recipients = Recipients.Of(app, body);
        if (recipients.Verdict.Code != 0)
            return recipients.Verdict;
        var content = AppMessages.Check(body, body.Text("msgtype"));
        if (content.Code != 0)
            return content;
        if (options.UnknownAccountCode is { } refusal && recipients.InvalidUser.Count > 0)
            return new(refusal);
        message.InvalidUser = recipients.InvalidUser;
        message.InvalidParty = recipients.InvalidParty;
        message.InvalidTag = recipients.InvalidTag;
        message.UnlicensedUser = recipients.Unlicensed;
        if (recipients.Reached.Count == 0)
            return new(81013);
        Show(app, body, bytes, message, recipients.Reached);
        return Verdict.Ok;
    }

    private Verdict CheckAgent(App app, JsonElement body)
    {
        if (body.Field("agentid") is null)
            return new(41011);
        // Whether a number in quotes passes is not documented; the documented type is an integer.
        if (body.Integer("agentid") is not { } agentId)
            return new(40056);
        if (agentId == app.AgentId)
            return Verdict.Ok;
        return new(apps.All.Any(other => other.CorpId == app.CorpId && other.AgentId == agentId) ? 301002 : 40056);
    }

    private void Show(App app, JsonElement body, byte[] bytes, Received message, List<string> reached)
    {
        message.MsgId = Guid.NewGuid().ToString("N");
        if (body.Integer("enable_duplicate_check") == 1
            && app.Duplicates.SeenBefore(bytes, message.MsgId, DuplicateInterval(body), message.At) is { } first)
        {
            message.MsgId = first;
            message.Duplicate = true;
            return;
        }

        if (options is { MemberLimit: 0, MemberHourLimit: 0 })
        {
            message.ShownTo = reached;
        }
        else
        {
            // The excess is dropped for that member alone and nobody is told.
            var byRoom = reached.ToLookup(user => app.TryShow(user, options));
            message.ShownTo = [.. byRoom[true]];
            message.DroppedFor = [.. byRoom[false]];
        }

        message.Delivered = message.ShownTo.Count > 0;
    }

    private static TimeSpan DuplicateInterval(JsonElement body)
    {
        var asked = TimeSpan.FromSeconds(body.Integer("duplicate_check_interval") ?? 0);
        return asked <= TimeSpan.Zero ? defaultDuplicateInterval
            : asked > longestDuplicateInterval ? longestDuplicateInterval
            : asked;
    }
}
