using Notify.Kernel.Reviewing;

namespace Notify.Operation.DeadLetters;

/// <summary>What dead letters contribute to the review of a period: nobody was notified of their content.</summary>
internal static class ReviewedDeadLetters
{
    public static readonly ModuleReview All = new(
        "audit.dead_letter",
        [],
        [
            ReviewedType.Of<DeadLetterFound>(
                (e, _) => new ReviewFact("putAside")
                {
                    Alarms = [.. e.Alarms.Select(x => x.AlarmId)],
                    Undecided = e.Undecided,
                    Lost = [.. e.Receivers.Select(x => x.Split(", "))],
                },
                (e, _, say) => new ReviewLine(
                    ReviewTag.Bad, say.Say("Dead letter", "内部消息处理失败"),
                    ReviewText.Join(string.Join("; ", e.Alarms.Select(x => $"{x.AlarmPath}/{x.AlarmName}".TrimStart('/'))), e.Fault, e.Detail))),
        ]);
}
