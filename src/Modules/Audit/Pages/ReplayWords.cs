using Notify.Audit.Replays;
using Notify.Kernel.Texts;

namespace Notify.Audit.Pages;

/// <summary>The words for replays on all pages.</summary>
internal static class ReplayWords
{
    public static BilingualText Of(ReplayMode mode) => mode switch
    {
        ReplayMode.Review => new("Review", "事件回顾"),
        ReplayMode.WhatIf => new("What if", "假设分析"),
        _ => new("Redelivery", "补发"),
    };

    public static BilingualText Of(ReplayStatus status) => status switch
    {
        ReplayStatus.Pending => new("waiting", "等待中"),
        ReplayStatus.Running => new("running", "进行中"),
        ReplayStatus.Completed => new("completed", "已完成"),
        ReplayStatus.Cancelled => new("cancelled", "已取消"),
        _ => new("failed", "失败"),
    };

    public static string ClassOf(ReplayStatus status) => status switch
    {
        ReplayStatus.Completed => "state state-good",
        ReplayStatus.Failed => "state state-bad",
        _ => "state",
    };

    /// <summary>Statuses of notifications by which a replay can be filtered.</summary>
    public static readonly IReadOnlyList<(string Status, BilingualText Name)> Statuses =
    [
        ("Failed", new("failed", "发送失败")),
        ("PartlyDelivered", new("partly delivered", "部分送达")),
        ("Delivered", new("delivered", "已送达")),
        ("Suppressed", new("not sent", "未发送")),
        ("Dismissed", new("dismissed", "已忽略")),
    ];
}
