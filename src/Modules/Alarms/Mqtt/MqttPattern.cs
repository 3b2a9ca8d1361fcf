using System.Text.Json;
using System.Text.RegularExpressions;
using Notify.Alarms.Intake;

namespace Notify.Alarms.Mqtt;

/// <summary>Fills patterns of a mapping from one message.</summary>
/// <param name="root">Null: the payload is not JSON, and only its text can be used.</param>
internal sealed partial class MqttPattern(string topic, string text, JsonElement? root)
{
    private readonly string[] levels = topic.Split('/');

    /// <summary>The pattern with its placeholders filled; those without a value become empty.</summary>
    public string Fill(string pattern) => Place().Replace(pattern, x => Find(x.Groups["name"].Value) ?? "");

    private string? Find(string alternatives)
    {
        foreach (var name in alternatives.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            if (Named(name) is { Length: > 0 } found) return found;
        return null;
    }

    private string? Named(string name)
    {
        if (name == "payload") return text.Trim();
        if (name == "topic") return topic;
        if (name.StartsWith("topic.", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan("topic.".Length), out var level)) return level >= 1 && level <= levels.Length ? levels[level - 1] : null;
        if (root is not { ValueKind: JsonValueKind.Object } at) return null;
        // A field's own name may contain a dot.
        if (at.TryGetProperty(name, out var whole)) return TextOf(whole);
        foreach (var part in name.Split('.'))
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(part, out var inner)) return null;
            at = inner;
        }

        return TextOf(at);
    }

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.String => IntakeText.Of(value),
        _ => value.GetRawText(),
    };

    [GeneratedRegex(@"\{(?<name>[^{}]*)\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Place();
}
