using System.Collections.Frozen;
using Notify.Kernel.Texts;

namespace Notify.Audit.History;

/// <summary>The words of the history for codes in events.</summary>
internal static class SummaryWords
{
    /// <summary>Beside those that are shown everywhere (<see cref="CodeWords"/>).</summary>
    private static readonly FrozenDictionary<string, BilingualText> words = new Dictionary<string, BilingualText>(StringComparer.Ordinal)
    {
        ["review"] = new("review", "回顾"),
        ["whatIf"] = new("what-if", "假设分析"),
        ["redeliver"] = new("redelivery", "重发"),
        ["probe"] = new("a probe passed", "试发成功"),
        ["testSend"] = new("a test send passed", "测试发送成功"),
        ["configuration"] = new("the configuration was changed", "配置已修改"),
        ["apiKey"] = new("API key", "API 密钥"),
        ["administrator"] = new("administrator", "管理员"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static string Of(string code, bool chinese) => (CodeWords.Of(code) ?? words.GetValueOrDefault(code))?.In(chinese) ?? code;
}
