using System.Globalization;
using Notify.Channels.People;
using Notify.Contracts.Rules;
using Notify.Kernel.Reviewing;

namespace Notify.Rules.Deciding;

/// <summary>How this module's events appear in the review of a period. Changes of the configuration need no description of their own.</summary>
internal static class ReviewedDecisions
{
    public static readonly ModuleReview All = new(
        "rules.",
        [
            ReviewedStream.Of<Planned>("step", (_, first) => new ReviewSubject(first.AlarmId, first.AlarmName, first.AlarmPath)),
            ReviewedStream.Of<Planned>("otherway", (_, first) => new ReviewSubject(first.AlarmId, first.AlarmName, first.AlarmPath)),
        ],
        [
            ReviewedType.Of<AlarmDecided, Decided>(
                (e, _) => new ReviewFact(e.Nobody is null ? ["decisions"] : ["decisions", "nobodyToTell"]) { Alarms = [e.AlarmId] }, Line),
            ReviewedType.Of<StepPlanned>((e, _, say) => new ReviewLine(
                ReviewTag.Decision, say.Say("Planned", "计划"), ReviewText.Join(say.Word(Code(e.Kind)), say.Time(e.DueAt), e.Rule.Name))
            { AlarmName = e.AlarmName }),
            ReviewedType.Of<StepPerformed>((e, _, say) => new ReviewLine(
                ReviewTag.Bad, say.Say("Nobody reacted", "无人响应"),
                ReviewText.Join(
                    say.Word(Code(e.Kind)), e.Number == 0 ? null : e.Number.ToString(CultureInfo.InvariantCulture),
                    string.Join(", ", e.Notifications.SelectMany(x => x.Receivers).Select(PeopleKinds.Shown))))),
            ReviewedType.Of<OtherWayTaken>((e, _, say) => new ReviewLine(
                ReviewTag.Decision, say.Say("Another way", "备用途径"),
                ReviewText.Join(
                    say.Word(e.Why), e.Reason, e.Stopped is null ? null : say.Word(e.Stopped),
                    string.Join(", ", e.Notifications.SelectMany(x => x.Receivers).Select(PeopleKinds.Shown))))
            { AlarmName = e.AlarmName }),
            ReviewedType.Of<StepStopped>((e, _, say) => new ReviewLine(
                ReviewTag.Ok, say.Say("Not needed", "不再需要"), ReviewText.Join(say.Word(e.Reason), e.By))),
        ]);

    private static string Code(StepKind kind) => kind == StepKind.Escalation ? "escalation" : "reminder";

    private sealed record Decided(string AlarmId, string? Nobody);

    private sealed record Planned(string AlarmId, string AlarmName, string AlarmPath);

    private static ReviewLine Line(AlarmDecided e, ReviewSubject? _, ReviewVoice say)
    {
        if (e.Nobody is not null) return new(ReviewTag.Bad, say.Say("Nobody", "无人可通知"), say.Word(e.Nobody)) { AlarmName = e.AlarmName };
        var texts = new List<ReviewText>();
        foreach (var told in e.Notifications)
        {
            if (texts.Count > 0) texts.Add("; ");
            texts.Add(string.Join(", ", told.Receivers.Select(PeopleKinds.Shown)));
            if (told.Suppressed is not null) texts.AddRange([" ", ReviewText.Quiet($"({say.Word(told.Suppressed)})")]);
        }

        foreach (var step in e.Steps ?? [])
            texts.Add($"{(texts.Count > 0 ? "; " : "")}{say.Word(Code(step.Kind))} {say.Time(step.DueAt)}");
        var configuration = e.ConfigurationVersion.ToString(CultureInfo.InvariantCulture);
        return new(ReviewTag.Decision, say.Say("Decision", "决定"),
            [.. texts, " ", ReviewText.Quiet($"{say.Say("configuration", "配置")} {configuration}")])
        { AlarmName = e.AlarmName };
    }
}
