using System.Text;
using Notify.Peers.DingTalk;
using Notify.Peers.Email;
using Notify.Peers.Feishu;
using Notify.Peers.SmsAliyun;
using Notify.Peers.SmsTwilio;
using Notify.Peers.Webhook;
using Notify.Peers.WeCom;

namespace Notify.Peers;

/// <summary>
/// The other platforms of the demo: behind the address of WeCom's stand-in, and on its page of chats. Mails come in at a port of their own. What they
/// have is written in <c>build/demo-setup.sh</c> too.
/// </summary>
internal sealed class OtherPlatforms : IAsyncDisposable
{
    public const string DingTalkRobot = "d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1";
    public const string FeishuRobot = "f1f1f1f1-0000-4000-8000-000000000001";
    public const string AliyunTemplate = "SMS_154950909";

    private readonly DingTalkStandIn dingTalk = new();
    private readonly FeishuStandIn feishu = new();
    private readonly TwilioStandIn twilio = new();
    private readonly AliyunStandIn aliyun = new();
    private readonly WebhookStandIn webhook = new();
    private readonly EmailStandIn mail;
    private readonly ReceivedLog log;
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> seen = new(StringComparer.Ordinal);

    private OtherPlatforms(EmailStandIn mail, ReceivedLog log)
    {
        (this.mail, this.log) = (mail, log);
        dingTalk.AddRobot(DingTalkRobot, new("Line 1"));
        dingTalk.AddApp(new("demo-client", "demo-secret", "demo-robot", ["zhangsan", "lisi"]));
        feishu.AddRobot(FeishuRobot, new("Line 1"));
        aliyun.AddTemplate(AliyunTemplate, "${level}报警：${name}，${state}。");
    }

    public static async Task<OtherPlatforms> StartAsync(int mailPort, ReceivedLog log) =>
        new(await EmailStandIn.StartAsync(port: mailPort), log);

    /// <returns>Whether one of them has answered.</returns>
    public async Task<bool> TryAnswerAsync(HttpContext http)
    {
        Func<HttpContext, Task>? answer = http.Request.Path.Value switch
        {
            "/" when HttpMethods.IsPost(http.Request.Method) => aliyun.HandleAsync,
            "/robot/send" => dingTalk.HandleAsync,
            { } path when path.StartsWith("/v1.0/", StringComparison.Ordinal) => dingTalk.HandleAsync,
            { } path when path.StartsWith("/open-apis/", StringComparison.Ordinal) => feishu.HandleAsync,
            { } path when path.StartsWith("/2010-04-01/", StringComparison.Ordinal) => twilio.HandleAsync,
            "/hooks/notify" => webhook.HandleAsync,
            _ => null,
        };
        if (answer is null) return false;
        await answer(http);
        Collect();
        return true;
    }

    /// <summary>Puts what was shown since the last time into the log, in the order of the platforms.</summary>
    public void Collect()
    {
        lock (gate)
        {
            Add("dingtalk", dingTalk.Shown, x => (x.To, "DingTalk", x.Type, x.Text));
            Add("feishu", feishu.Shown, x => (x.Group, "Feishu", x.Type, x.Text));
            Add("sms", twilio.Shown, x => (x.To, x.From, "sms", x.Text));
            Add("sms", aliyun.Shown, x => (x.To, AliyunStandIn.SignName, "sms", x.Text), "aliyun");
            Add("webhook", [.. webhook.Received.Where(x => x.IsNew)], x => ("Webhook", x.ContentType, "json", x.Body));
            var mails = mail.Received.SelectMany(x => x.Recipients.Select(to => (To: to, x.Mail, x.From))).ToList();
            Add("mail", mails, x => (x.To, x.From, "mail", $"{x.Mail.Subject}\n{x.Mail.TextBody}"));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable x in (IAsyncDisposable[])[mail, dingTalk, feishu, twilio, aliyun, webhook]) await x.DisposeAsync();
    }

    private void Add<T>(
        string platform, IReadOnlyList<T> shown, Func<T, (string Room, string Sender, string Type, string Text)> read, string? source = null)
    {
        source ??= platform;
        foreach (var x in shown.Skip(seen.GetValueOrDefault(source)))
        {
            var (room, sender, type, text) = read(x);
            log.Add(new Received
            {
                At = TimeProvider.System.GetUtcNow(),
                Platform = platform,
                Group = room,
                AppName = sender,
                MsgType = type,
                Text = text,
                Delivered = true,
                BodyBytes = Encoding.UTF8.GetBytes(text),
            });
        }

        seen[source] = shown.Count;
    }
}
