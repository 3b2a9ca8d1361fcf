using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Channels.Fields;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;

namespace Notify.Channels.WeCom;

/// <summary>Robots of group chats and an app, as <see cref="WeComSettingsInput"/> reads and shows them.</summary>
/// <param name="allowedOrigins">Allowed origins of webhook URLs and of the API, in addition to WeCom's own.</param>
internal sealed class WeComServiceSettings(IReadOnlyList<string> allowedOrigins) : IChannelSettings
{
    private const string UrlPurpose = "wecom robot's webhook URL";
    private const string AppPurpose = "wecom app's secret";

    public IReadOnlyList<Field> Fields => WeComFields.Settings;
    public Type StoredType => typeof(WeComSettings);
    public string StoredAs => "weCom";

    public string Example => """
        { "type": "wecom", "name": "Plant WeCom", "description": "The robots and the app of the plant",
          "wecom": { "sendTo": ["bot", "account"],
            "bots": [ { "alias": "Line 1", "webhookUrl": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7aaa-4bc4-97a0-0ec2fc6a5aaa" } ],
            "app": { "corpId": "ww1234567890abcdef", "agentId": 1000002, "secret": "the-secret-of-the-app" },
            "accounts": [ { "account": "zhangsan", "name": "张三" } ] } }
        """;

    public JsonObject? Read(JsonNode? input, JsonObject? current, ResourceChange change, Errors errors)
    {
        if (input is null)
        {
            errors.Add(WeComChannel.TypeName, "The settings of a WeCom service are required.");
            return null;
        }

        var settings = JsonShape.Read<WeComSettingsInput>(input, WeComChannel.TypeName, errors)
            ?.ToSettings(current is null ? null : WeComRoutes.Read(current), allowedOrigins, change, errors);
        return settings is null ? null : Stored(settings);
    }

    public JsonObject View(JsonObject settings) => WeComSettingsInput.View(WeComRoutes.Read(settings));

    public IEnumerable<SecretRef> Secrets(JsonObject settings)
    {
        var weCom = WeComRoutes.Read(settings);
        var keys = weCom.Bots.Select(x => x.Key);
        return weCom.App is { } app ? keys.Append(app.Secret) : keys;
    }

    /// <summary>Seals a robot's whole address, so that nobody can have its key sent to another origin.</summary>
    public async Task SealAsync(JsonObject shown, JsonObject settings, SecretSealer sealer)
    {
        var weCom = WeComRoutes.Read(settings);
        foreach (var (i, bot) in weCom.Bots.Index())
            shown["bots"]![i]!["webhookUrl"] = await sealer.SealAsync(UrlPurpose, bot.Key, key => WebhookUrl.Unmask(bot.WebhookUrl, key));
        if (weCom.App is { } app) shown["app"]!["secret"] = await sealer.SealAsync(AppPurpose, app.Secret, secret => secret);
    }

    public IEnumerable<SealedField> SealedIn(JsonNode? input)
    {
        var fields = input as JsonObject;
        foreach (var (i, bot) in (fields?["bots"] as JsonArray ?? []).Index()) yield return new(
            bot, "webhookUrl", $"bots[{i}].webhookUrl", UrlPurpose);
        yield return new(fields?["app"], "secret", "app.secret", AppPurpose);
    }

    internal static JsonObject Stored(WeComSettings settings) => JsonSerializer.SerializeToNode(settings, NotifyJson.Options)!.AsObject();
}
