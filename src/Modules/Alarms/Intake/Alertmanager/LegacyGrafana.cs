using System.Text.Json;
using Notify.Alarms.Silences;
using Notify.Kernel;

namespace Notify.Alarms.Intake.Alertmanager;

/// <summary>The webhook of Grafana's legacy alerting, from before version 9, which many plants still run: one rule and its state, without a list of
/// alerts and without times. The id of the rule is the identity, so that its <c>ok</c> matches its <c>alerting</c> even if its name has
/// changed.</summary>
internal static class LegacyGrafana
{
    private static readonly string[] kept = ["title", "orgId", "dashboardId", "panelId", "ruleId"];

    public static bool Is(JsonElement body)
    {
        try
        {
            return body.ValueKind == JsonValueKind.Object && !body.TryGetProperty("alerts", out _)
                && (body.TryGetProperty("ruleName", out _) || body.TryGetProperty("ruleId", out _));
        }
        catch (InvalidOperationException)
        {
            return false; // a field's name with half of a surrogate pair
        }
    }

    /// <exception cref="ProblemException">400: the body is invalid.</exception>
    public static (Alert Alert, bool IsResolved) Read(JsonElement body)
    {
        var errors = new Errors();
        var (name, url) = (Text(body, "ruleName") ?? Text(body, "title"), Text(body, "ruleUrl"));
        if (name is null) errors.Add("ruleName", "A name is required.");
        bool? isResolved = Text(body, "state") switch
        {
            "alerting" or "no_data" => false,
            // A paused rule is not evaluated, and never reports ok.
            "ok" or "paused" => true,
            _ => null,
        };
        if (isResolved is null) errors.Add("state", "Give one of alerting, no_data, ok, paused.");
        errors.ThrowIfAny();

        var labels = Texts(body, "tags");
        labels["alertname"] = name!;
        var extras = new Dictionary<string, string>(StringComparer.Ordinal) { ["state"] = Text(body, "state")! };
        foreach (var field in kept)
            if (Text(body, field) is { } value) extras[field] = value;
        if (url is not null) extras[AlertLabels.GeneratorUrl] = url;
        if (Text(body, "imageUrl") is { } image) extras["imageURL"] = image;
        if (ValueOf(body) is { } measured) extras["value"] = measured;
        var alert = new Alert
        {
            Labels = labels,
            Annotations = Text(body, "message") is { } message
            ? new Dictionary<string, string>(StringComparer.Ordinal) { ["message"] = message } : [],
            Extras = extras,
            Fingerprint = IdOf(body, name!, url),
        };
        return (alert, isResolved!.Value);
    }

    private static string IdOf(JsonElement body, string name, string? url)
    {
        var server = Uri.TryCreate(url, UriKind.Absolute, out var address) ? address.Authority : "";
        // A test from the rule's page has the id 0.
        var rule = Text(body, "ruleId") is { } number and not "0" ? number : $"name:{name}";
        return $"grafana:{server}/{Text(body, "orgId")}/{rule}";
    }

    /// <summary>The value of a single match; of several each with its metric. Null when there are none, as for ok.</summary>
    private static string? ValueOf(JsonElement body)
    {
        if (!body.TryGetProperty("evalMatches", out var list) || list.ValueKind != JsonValueKind.Array) return null;
        var matches = (from match in list.EnumerateArray()
                       where match.ValueKind == JsonValueKind.Object && Text(match, "value") is not null
                       select (Metric: Text(match, "metric"), Value: Text(match, "value")!)).Take(20).ToList();
        return matches is [var one] ? one.Value : matches.Count > 0 ? string.Join(", ", matches.Select(x => $"{x.Metric}={x.Value}")) : null;
    }

    private static Dictionary<string, string> Texts(JsonElement body, string field)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!body.TryGetProperty(field, out var element) || element.ValueKind != JsonValueKind.Object) return texts;
        foreach (var property in element.EnumerateObject())
            if (IntakeText.NameOf(property) is { Length: > 0 } name && Text(property.Value) is { } value) texts[name] = value;
        return texts;
    }

    /// <summary>Text or a number; null when it is empty, absent or something else.</summary>
    private static string? Text(JsonElement body, string field) => body.TryGetProperty(field, out var element) ? Text(element) : null;

    private static string? Text(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => IntakeText.Of(element) is { Length: > 0 } text ? text : null,
        JsonValueKind.Number => element.GetRawText(),
        _ => null,
    };
}
