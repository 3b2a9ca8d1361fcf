using System.Text.Json.Nodes;
using Notify.Kernel.Resources;

namespace Notify.Services.WeCom;

/// <summary>Where the secrets of a WeCom service are in a document that takes them elsewhere.</summary>
internal static class WeComSecrets
{
    private const string UrlPurpose = "wecom robot's webhook URL";
    private const string AppPurpose = "wecom app's secret";

    /// <summary>A robot's whole address is sealed, so that nobody can have its key sent to another origin.</summary>
    public static async Task SealAsync(JsonNode shown, WeComSettings settings, SecretSealer sealer)
    {
        foreach (var (i, bot) in settings.Bots.Index())
            shown["bots"]![i]!["webhookUrl"] = await sealer.SealAsync(UrlPurpose, bot.Key, key => WebhookUrl.Unmask(bot.WebhookUrl, key));
        if (settings.App is { } app) shown["app"]!["secret"] = await sealer.SealAsync(AppPurpose, app.Secret, secret => secret);
    }

    public static IEnumerable<(JsonNode? Owner, string Field, string Path, string Purpose)> In(JsonNode? body)
    {
        var fields = body as JsonObject;
        foreach (var (i, bot) in (fields?["bots"] as JsonArray ?? []).Index()) yield return (bot, "webhookUrl", $"bots[{i}].webhookUrl", UrlPurpose);
        yield return (fields?["app"], "secret", "app.secret", AppPurpose);
    }
}
