using Notify.Channels;
using Notify.Channels.People;
using Notify.Channels.Sending;
using Notify.Channels.Texts;
using Notify.Contracts.Delivery;
using Notify.Contracts.Rules;
using Notify.Delivery.Notifications;

namespace Notify.Delivery.TestSends;

/// <summary>The outcome of a test for each receiver, its meaning, and the remedy.</summary>
internal static class TestResults
{
    private static readonly Explained accepted = new(new("Accepted.", "已受理。"), new("Nothing to do.", "无需处理。"));

    public static IEnumerable<TestResult> Of(IReadOnlyList<Receiver> receivers, SendOutcome outcome, IChannel channel)
    {
        List<ReceiverOutcome> judged = [.. outcome.Receivers.Where(x => x.Outcome == ReceiverOutcome.Failed)];
        foreach (var receiver in receivers)
        {
            var own = judged.Find(x => x.IsOf(receiver.Kind, receiver.Account));
            if (own is not null) judged.Remove(own);
            // Receivers without a result of their own get that of the last request.
            var isTold = outcome.Class is not (OutcomeClass.Ok or OutcomeClass.Partial) && outcome.Receivers.Any(
                x => x.Outcome == ReceiverOutcome.Delivered && x.IsOf(receiver.Kind, receiver.Account));
            var words = isTold ? outcome with { Class = OutcomeClass.Ok, PlatformCode = null, PlatformMessage = null }
                : own?.PlatformMessage is { } said ? outcome with { PlatformMessage = said } : outcome;
            yield return Of(receiver.Kind, receiver.Alias, receiver.Account, own?.PlatformCode, words, channel) with { People = receiver.People };
        }

        // The message went to everyone, and the platform refused these.
        var everyone = channel.Receivers.FirstOrDefault(x => x.Everyone is not null) ?? channel.Receivers[0];
        foreach (var x in judged) yield return Of(x.Kind ?? everyone.Kind, null, x.Account, x.PlatformCode, outcome, channel);
    }

    /// <summary>The result for somebody to whom nothing could be sent.</summary>
    public static TestResult Of(LeftOut x)
    {
        var (meaning, advice) = Suppressions.Explain(x.Why) ?? Explanations.SettingsUnusable;
        return new(x.Receiver.Kind, null, x.Receiver.Account, "notSent", null, null, null, null, null, meaning, advice) { People = x.Receiver.People };
    }

    /// <summary>A recorded result, explained as today.</summary>
    public static TestResult Of(TestedReceiver x, IChannel channel)
    {
        var (meaning, advice) = (x.PlatformList is { } list ? channel.Texts.Explain(list) : null) ?? x.Outcome switch
        {
            ReceiverOutcome.Delivered or "accepted" => accepted,
            // Where the platform's limit was reached, nobody had more to say.
            "notSent" => x.PlatformMessage is null ? Explain(new SendOutcome(OutcomeClass.Rate), channel) : Explanations.SettingsUnusable,
            _ => Explanations.OfCode(channel, x.PlatformCode) ?? (x.Outcome == "unknown" ? Explanations.AnswerLost : channel.Texts.Unreachable),
        };
        return new(x.Kind, x.Alias, x.Account, x.Outcome, x.PlatformCode, x.PlatformList, x.PlatformMessage, x.RequestId, null, meaning, advice);
    }

    private static TestResult Of(string kind, string? alias, string? account, string? refused, SendOutcome outcome, IChannel channel)
    {
        // The platform's code for this receiver alone.
        var list = refused is null || refused == outcome.PlatformCode ? null : refused;
        var word = refused is not null ? ReceiverOutcome.Failed
            : outcome.Class is OutcomeClass.Ok or OutcomeClass.Partial ? ReceiverOutcome.Delivered
            : outcome.Class == OutcomeClass.Accepted ? "accepted"
            : outcome.Class == OutcomeClass.Unknown || outcome.MayHaveArrived ? "unknown"
            : outcome is { Class: OutcomeClass.Rate or OutcomeClass.Configuration, HttpStatus: null, PlatformCode: null } ? "notSent"
            : ReceiverOutcome.Failed;
        var (meaning, advice) = list is not null && channel.Texts.Explain(list) is { } own
            ? own : word is ReceiverOutcome.Delivered or "accepted" ? accepted : Explain(outcome, channel);
        return new(kind, alias, account, word, outcome.PlatformCode, list, outcome.PlatformMessage, outcome.RequestId, outcome.EgressIp, meaning,
            advice);
    }

    private static Explained Explain(SendOutcome outcome, IChannel channel) => Explanations.OfCode(channel, outcome.PlatformCode) ?? outcome switch
    {
        { Class: OutcomeClass.Rate } => new(
            new("The limit per minute is reached: as many messages as the platform accepts were just sent.", "本分钟的发送数量已达平台上限。"),
            new($"Try again in {Seconds(outcome)} seconds.", $"请在 {Seconds(outcome)} 秒后重试。")),
        { Class: OutcomeClass.Configuration } => Explanations.SettingsUnusable,
        { Class: OutcomeClass.Unknown } or { MayHaveArrived: true } => Explanations.AnswerLost,
        _ => channel.Texts.Unreachable,
    };

    private static int Seconds(SendOutcome outcome) => (int)Math.Ceiling(Math.Max(1, (outcome.RetryAfter ?? TimeSpan.FromMinutes(1)).TotalSeconds));
}
