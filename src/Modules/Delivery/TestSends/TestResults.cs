using System.Globalization;
using Notify.Contracts.Delivery;
using Notify.Contracts.Rules;
using Notify.Delivery.Channels;
using Notify.Delivery.Notifications;

namespace Notify.Delivery.TestSends;

/// <summary>Says for each receiver what became of a test, what that means, and what to do about it.</summary>
internal static class TestResults
{
    private static readonly Explained accepted = new(new("Accepted.", "已受理。"), new("Nothing to do.", "无需处理。"));

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
        var (meaning, advice) = list is not null ? Explained.OfList(list) : word == ReceiverOutcome.Delivered ? accepted : Explain(outcome);
        return new(kind, alias, account, word, outcome.PlatformCode, list, outcome.PlatformMessage, outcome.RequestId, outcome.EgressIp, meaning, advice);
    }

    private static Explained Explain(SendOutcome outcome) => Explained.OfCode(outcome.PlatformCode) ?? outcome switch
    {
        { Class: OutcomeClass.Rate } => new(
            new("Its minute is full: as many messages as the platform takes have just been sent.", "本分钟的发送数量已达平台上限。"),
            new($"Try again in {Seconds(outcome)} seconds.", $"请在 {Seconds(outcome)} 秒后重试。")),
        { Class: OutcomeClass.Configuration } => Explained.SettingsUnusable,
        { Class: OutcomeClass.Unknown } or { MayHaveArrived: true } => Explained.AnswerLost,
        _ => Explained.Unreachable,
    };

    private static int Seconds(SendOutcome outcome) => (int)Math.Ceiling(Math.Max(1, (outcome.RetryAfter ?? TimeSpan.FromMinutes(1)).TotalSeconds));
}
