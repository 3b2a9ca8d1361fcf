using Notify.Channels.Fields;
using Notify.Kernel;
using Notify.Kernel.Texts;

namespace Notify.Channels.GroupRobots;

/// <summary>The fields of a group's robot that several chat platforms have.</summary>
internal static class RobotFields
{
    public static readonly Field Alias = Field.Text("alias", "Alias", "别名", required: true) with
    {
        Max = Names.MaxLength,
        Fault = x => Names.FaultOf(x),
        Help = new("The name that rules use for the robot.", "规则中使用的机器人名称。"),
    };

    public static readonly Field Keyword = Field.Text("keyword", "Keyword", "关键词") with
    {
        Max = 50,
        Help = new(
            "One of the robot's custom keywords: messages that lack it get it in a last line.",
            "机器人“自定义关键词”之一；消息中没有该关键词时自动加在末行。"),
    };

    /// <param name="where">Where to find the address.</param>
    public static Field WebhookUrl(SecretAddressForm address, BilingualText where) =>
        new("webhookUrl", FieldType.SecretAddress, new("Webhook URL", "Webhook 地址")) { Required = true, Max = 500, Address = address, Help = where };

    /// <param name="title">The platform's Chinese name for it.</param>
    public static Field SignSecret(string title, BilingualText where) => Field.Secret("signSecret", "Signing secret", title) with { Help = where };
}
