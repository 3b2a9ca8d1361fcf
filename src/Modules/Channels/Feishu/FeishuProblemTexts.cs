namespace Notify.Channels.Feishu;

/// <summary>Chinese problem texts about settings and receivers.</summary>
internal static class FeishuProblemTexts
{
    public const string Lines = """
        robot's alias | 机器人别名
        robot | 机器人
        Robot | 机器人
        robot '{}' | 机器人“{0}”
        """;
}
