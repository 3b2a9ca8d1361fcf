namespace Notify.Channels.DingTalk;

/// <summary>Chinese problem texts about settings and receivers.</summary>
internal static class DingTalkProblemTexts
{
    public const string Lines = """
        None of the first 20 rows is a header with 姓名 (name) and 员工UserID (user ID). Export the members from DingTalk's contacts. | 前 20 行中没有含“姓名”和“员工UserID”的表头。请从钉钉管理后台通讯录导出成员。
        Send the .xlsx or .csv file that DingTalk's admin console exports. | 请发送钉钉管理后台导出的 .xlsx 或 .csv 文件。
        The service sends to members, but no member would be left. | 将没有成员剩下，而该服务要发给成员。
        robot's alias | 机器人别名
        robot | 机器人
        Robot | 机器人
        robot '{}' | 机器人“{0}”
        member's user ID | 成员 UserID
        member | 成员
        Member | 成员
        member '{}' | 成员“{0}”
        members to send to | 可发送的成员
        The service '{}' no longer has these members. | 通知服务“{0}”已没有这些成员。
        A user ID has 1 to 64 letters, digits, or any of . - _ @ $ : | UserID 须为 1 至 64 个字母、数字或 . - _ @ $ :
        The service '{}' no longer sends to members. | 通知服务“{0}”已不发给成员。
        """;
}
