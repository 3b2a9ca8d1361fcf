using System.Globalization;
using Microsoft.Extensions.Logging;
using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Audit.HistoryReviews;

/// <summary>Raises an alarm of Notify's own while a period of the history is overdue for review. Every node checks; a repeated report changes
/// nothing.</summary>
public sealed class HistoryReviewWatch(
    HistoryReviewsOnRecord record, HistoryReviewSettings settings, OwnAlarms alarms, TimeProvider time, ILogger<HistoryReviewWatch> logger)
    : Worker("Reviews of the history", logger, startsAfter: rest)
{
    public const string AlarmPath = "Notify/Audit/Review";

    private const string Name = "The history is overdue for review / 历史记录逾期未审阅";
    private const string SourceId = "notify/audit/history-reviews";
    private const int MostNamed = 5;

    private static readonly TimeSpan rest = TimeSpan.FromSeconds(10);
    private (long Count, IReadOnlyList<HistoryReview> All) known = (-1, []);
    private DateTimeOffset? begin;

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        begin ??= await record.BeginAsync(cancellation);
        if (begin is null) return rest;
        var count = await record.CountAsync(cancellation);
        if (count != known.Count) known = (count, await record.AllAsync(cancellation));
        var now = time.GetUtcNow();
        await TellAsync([.. ReviewsDue.Of(begin.Value, known.All.Select(x => x.Reviewed), settings, now).Where(x => x.IsOverdue)]);
        return rest;
    }

    private async Task TellAsync(IReadOnlyList<DuePeriod> overdue)
    {
        var active = overdue.Count > 0 ? Describe(overdue) : null;
        var alarm = new RaiseAlarm(
            SourceId, Name, AlarmPath, AlarmLevel.Medium, active is null ? AlarmState.ClearedUnacked : AlarmState.ActiveUnacked,
            active ?? "应审阅的时段均已审阅。\nAll periods that are due were reviewed.");
        await alarms.TellAsync(SourceId, active, alarm);
    }

    private static string Describe(IReadOnlyList<DuePeriod> overdue)
    {
        var periods = string.Join("; ", overdue.Take(MostNamed).Select(x =>
            string.Create(CultureInfo.InvariantCulture, $"{x.From.UtcDateTime:yyyy-MM-dd HH:mm} – {x.To.UtcDateTime:yyyy-MM-dd HH:mm} UTC")));
        if (overdue.Count > MostNamed) periods = string.Create(CultureInfo.InvariantCulture, $"{periods}; … ({overdue.Count})");
        return $"""
            以下时段的历史记录逾期无人审阅：{periods}。处理：由未参与其中操作的人员阅读后签名提交（POST /api/v1/history-reviews）。
            Nobody has reviewed these periods of the history in time: {periods}. What to do: somebody who did nothing in them reads them and signs (POST /api/v1/history-reviews).
            """;
    }
}
