using Notify.Kernel.Reviewing;

namespace Notify.Alarms.Reading;

/// <summary>How this module's events appear in the review of a period.</summary>
internal static class ReviewedAlarms
{
    public static readonly ModuleReview All = new(
        "alarms.",
        [ReviewedStream.Of<Report>("alarm", (id, first) => new ReviewSubject(id, first.Name ?? "", first.Path ?? ""))],
        [
            ReviewedType.Of<AlarmReported, Report>(
                (e, version) => new ReviewFact(version == 1 ? "alarmsRaised" : e.Late == true ? "reportsLate" : "alarmChanges") { IsReport = true },
                (e, _, say) => new ReviewLine(
                    ReviewTag.Alarm, e.Late == true ? say.Say("Late report", "迟到上报") : say.Say("Alarm", "报警"),
                    ReviewText.Join(
                        say.Word($"{e.State}"), say.Word($"{e.Level}"), e.Value, e.Description,
                        e.Silence is { } silence
                            ? $"{say.Say("shelved by silence", "由静默搁置")} {silence.Id} {silence.By} {say.Say("until", "至")} {say.Time(silence.Until)}" : ""))),
            ReviewedType.Of<ReportRepeated>(
                (_, _) => new ReviewFact("reportsRepeated"),
                (e, _, say) => new ReviewLine(
                    ReviewTag.Alarm, say.Say("Repeated report", "重复上报"),
                    ReviewText.Join(say.Word($"{e.State}"), say.Time(e.EventTime), $"{e.Times}×",
                    $"{say.Say("the same as version", "同版本")} {e.Repeats}"))),
            ReviewedType.Of<AlarmExpired>((_, _) =>
                new ReviewFact("alarmChanges"), (_, _, say) => new ReviewLine(ReviewTag.Alarm, say.Say("Expired", "超时清除"))),
            ReviewedType.Of<AlarmAcknowledged>(
                (_, _) => new ReviewFact("acknowledged"),
                (e, _, say) => new ReviewLine(ReviewTag.People, say.Say("Acknowledged", "确认"), ReviewText.Join(e.By, e.Note))),
            ReviewedType.Of<AlarmShelved>(
                (_, _) => new ReviewFact("shelved"),
                (e, _, say) => new ReviewLine(
                    ReviewTag.People, say.Say("Shelved", "搁置"), ReviewText.Join(
                        e.Silence is { } silence ? $"{say.Say("silence", "静默")} {silence.Id} {silence.By}" : say.By, e.Reason,
                        $"{say.Say("until", "至")} {say.Time(e.Until)}"))),
            ReviewedType.Of<AlarmUnshelved>((_, _) =>
                new ReviewFact("unshelved"), (_, _, say) => new ReviewLine(ReviewTag.People, say.Say("Unshelved", "解除搁置"), say.By)),
        ]);

    private sealed record Report(string? Name, string? Path, bool? Late);
}
