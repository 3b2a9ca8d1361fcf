using System.Text.Json.Serialization;
using Notify.Channels.WeCom;
using Notify.Kernel.Resources;

namespace Notify.Services;

/// <summary>A service as the OpenAPI document shows it: sent and read differently, since its secrets go in and never come out.</summary>
internal static class ServiceDocument
{
    public static readonly ResourceDocument Resource = new(typeof(ServiceInput), typeof(ServiceView), """
        { "type": "wecom", "name": "Plant WeCom", "description": "The robots and the app of the plant",
          "wecom": { "sendTo": ["bot", "account"],
            "bots": [ { "alias": "Line 1", "webhookUrl": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7aaa-4bc4-97a0-0ec2fc6a5aaa" } ],
            "app": { "corpId": "ww1234567890abcdef", "agentId": 1000002, "secret": "the-secret-of-the-app" },
            "accounts": [ { "account": "zhangsan", "name": "张三" } ] } }
        """);
}

internal sealed record ServiceInput(string Type, [property: JsonPropertyName("wecom")] WeComSettingsInput? WeCom);

internal sealed record ServiceView(string Type, [property: JsonPropertyName("wecom")] WeComView? WeCom);
