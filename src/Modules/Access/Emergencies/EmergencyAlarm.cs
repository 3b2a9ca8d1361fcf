using System.Globalization;
using Notify.Contracts.Alarms;

namespace Notify.Access.Emergencies;

/// <summary>Notify's own alarms about emergencies, in both languages, since rules decide who receives them.</summary>
internal static class EmergencyAlarm
{
    public const string OpenName = "An emergency is open / 应急变更已开启";
    public const string OpenPath = "Notify/Access/Emergency";
    public const string UnreviewedName = "Emergencies were not reviewed / 应急变更未经审阅";
    public const string UnreviewedPath = "Notify/Access/Emergency review";

    private const string OpenSource = "notify/access/emergency";
    private const string UnreviewedSource = "notify/access/emergency-review";
    private const int MostNamed = 10;

    /// <param name="open">Null: no emergency is open.</param>
    public static RaiseAlarm OfOpen(Emergency? open) => new(
        OpenSource, OpenName, OpenPath, AlarmLevel.High, open is null ? AlarmState.ClearedUnacked : AlarmState.ActiveUnacked,
        open is null
            ? "应急变更已结束，更改须重新审批。\nThe emergency has ended: changes wait for approval again."
            : string.Create(CultureInfo.InvariantCulture,
                $"""
                {open.RequestedBy.Name} 申请、{open.OpenedBy!.Name} 确认了应急变更：{open.Opened!.Until.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC 之前，二人对 {Kinds(open)} 的更改无需审批。处理：恢复后请结束（POST /api/v1/emergency/{open.Id}/end），之后由第三人审阅。
                {open.RequestedBy.Name} asked for an emergency and {open.OpenedBy.Name} confirmed it: until {open.Opened.Until.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC their changes of {Kinds(open)} need no approval. What to do: end it as soon as possible (POST /api/v1/emergency/{open.Id}/end); then a third person reviews it.
                原因 Reason: {open.Requested.Reason}
                """),
        CorrelationId: open?.CorrelationId);

    /// <param name="unreviewed">Newest first; empty: all are reviewed.</param>
    public static RaiseAlarm OfUnreviewed(IReadOnlyList<Emergency> unreviewed)
    {
        var ids = string.Join(", ", unreviewed.Take(MostNamed).Select(x => x.Id));
        if (unreviewed.Count > MostNamed) ids = string.Create(CultureInfo.InvariantCulture, $"{ids}, … ({unreviewed.Count})");
        return new(
            UnreviewedSource, UnreviewedName, UnreviewedPath, AlarmLevel.Medium,
            unreviewed.Count == 0 ? AlarmState.ClearedUnacked : AlarmState.ActiveUnacked,
            unreviewed.Count == 0
                ? "所有应急变更均已审阅。\nAll emergencies are reviewed."
                : $"""
                  以下应急变更逾期未经第三人审阅：{ids}。处理：查看其中的更改（GET /api/v1/emergency/…），并提交审阅（POST /api/v1/emergency/…/review）。
                  Nobody has reviewed these emergencies in time: {ids}. What to do: read the changes made in each (GET /api/v1/emergency/…), and sign a review (POST /api/v1/emergency/…/review).
                  """);
    }

    private static string Kinds(Emergency open) => string.Join(", ", open.Requested.Kinds);
}
