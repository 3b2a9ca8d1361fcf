using System.Globalization;
using Notify.Contracts.Delivery;
using Notify.Contracts.Rules;
using Notify.Delivery.Channels;
using Notify.Delivery.WeCom;

namespace Notify.Delivery.TestSends;

/// <summary>Says for each receiver what became of a test, what that means, and what to do about it.</summary>
internal static class TestResults
{
    private static readonly InTwoLanguages notNeeded = new("Nothing to do.", "无需处理。");

    public static IEnumerable<TestResult> Of(IReadOnlyList<Receiver> receivers, SendOutcome outcome)
    {
        var judged = outcome.Class is OutcomeClass.Ok or OutcomeClass.Partial or OutcomeClass.Receiver
            ? outcome.Receivers.Where(x => x.Outcome == ReceiverOutcome.Failed).ToDictionary(x => x.Account, StringComparer.OrdinalIgnoreCase)
            : [];
        foreach (var receiver in receivers)
        {
            var refused = receiver.Account is { } account && judged.Remove(account, out var failed) ? failed.PlatformCode : null;
            yield return Of(receiver.Kind, receiver.Alias, receiver.Account, refused, outcome);
        }

        // Sent to everyone, refused for these.
        foreach (var (account, failed) in judged) yield return Of(Receiver.AccountKind, null, account, failed.PlatformCode, outcome);
    }

    private static TestResult Of(string kind, string? alias, string? account, string? refused, SendOutcome outcome)
    {
        var list = refused is null || int.TryParse(refused, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? null : refused;
        var word = refused is not null ? ReceiverOutcome.Failed
            : outcome.Class is OutcomeClass.Ok or OutcomeClass.Partial ? ReceiverOutcome.Delivered
            : outcome.Class == OutcomeClass.Unknown || outcome.MayHaveArrived ? "unknown"
            : outcome is { Class: OutcomeClass.Rate or OutcomeClass.Configuration, HttpStatus: null } ? "notSent"
            : ReceiverOutcome.Failed;
        var (meaning, advice) = list is not null ? OfList(list) : word == ReceiverOutcome.Delivered ? (new("Accepted.", "已受理。"), notNeeded) : Explain(outcome);
        return new(kind, alias, account, word, outcome.PlatformCode, list, outcome.PlatformMessage, outcome.RequestId, outcome.EgressIp, meaning, advice);
    }

    private static (InTwoLanguages Meaning, InTwoLanguages Advice) Explain(SendOutcome outcome)
    {
        if (outcome.PlatformCode is { } code && WeComErrors.For(code) is var error) return (Of(error.Meaning), Of(error.Advice));
        return outcome switch
        {
            { Class: OutcomeClass.Rate } => (
                new("Its minute is full: as many messages as the platform takes have just been sent.", "本分钟的发送数量已达平台上限。"),
                new($"Try again in {Seconds(outcome)} seconds.", $"请在 {Seconds(outcome)} 秒后重试。")),
            { Class: OutcomeClass.Configuration } => (
                new("It cannot be sent with the service as it is.", "以当前的服务设置无法发送。"),
                new("Read the message; enter the service's secrets again if one cannot be opened.", "请查看提示；若密钥无法读取，请在通知服务中重新填写。")),
            { Class: OutcomeClass.Unknown } or { MayHaveArrived: true } => (
                new("The answer was lost: it may have arrived, or not.", "未收到平台应答，消息可能已送达，也可能没有。"),
                new("Look into the chat before trying again.", "请先在群聊或会话中确认，再重试。")),
            _ => (
                new("The platform could not be reached, or something else answered in its place.", "无法连接企业微信，或由其他设备应答。"),
                new("See that this server reaches the platform by HTTPS, through the firewall and the proxy; see the setting Notify:WeCom:ApiBaseUrl.",
                    "请检查本服务器能否经防火墙和代理通过 HTTPS 访问企业微信，以及 Notify:WeCom:ApiBaseUrl 设置。")),
        };
    }

    private static (InTwoLanguages Meaning, InTwoLanguages Advice) OfList(string list) => list == "unlicenseduser"
        ? (new("The member has no licence for messages of apps.", "该成员没有接口许可。"),
            new("Give the member a licence in the WeCom admin console: App management > Interface licence.", "请在企业微信管理后台为该成员分配接口许可。"))
        : (new("The account does not exist, or is outside the app's visible range.", "账号不存在，或不在应用可见范围内。"),
            new("Compare the account with Contacts (the Account field, not the name), and add the member to App management > the app > Visible range.",
                "请核对“通讯录”中的账号（不是姓名），并在“应用管理 > 该应用 > 可见范围”中加入该成员。"));

    private static int Seconds(SendOutcome outcome) => (int)Math.Ceiling(Math.Max(1, (outcome.RetryAfter ?? TimeSpan.FromMinutes(1)).TotalSeconds));

    private static InTwoLanguages Of(Bilingual text) => new(text.English, text.Chinese);
}
