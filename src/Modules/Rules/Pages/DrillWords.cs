using Notify.Kernel.Texts;
using Notify.Rules.Drills;

namespace Notify.Rules.Pages;

/// <summary>The states of drills in the words of the pages.</summary>
internal static class DrillWords
{
    public static BilingualText Of(DrillProof proof) => proof switch
    {
        DrillProof.Proven => new("proven", "已验证"),
        DrillProof.Overdue => new("not proven", "未验证"),
        DrillProof.Awaited => new("to be proven", "待验证"),
        _ => new("not expected", "不要求"),
    };

    public static BilingualText Of(DrillRunState state) => state switch
    {
        DrillRunState.Sending => new("being sent", "发送中"),
        DrillRunState.Waiting => new("waits for confirmation", "待确认"),
        DrillRunState.Proven => new("proven", "验证成功"),
        DrillRunState.Failed => new("failed", "失败"),
        DrillRunState.Unconfirmed => new("not confirmed in time", "逾期未确认"),
        _ => new("interrupted", "中断"),
    };
}
