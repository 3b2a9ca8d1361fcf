using System.Text;
using System.Text.Json;

namespace Notify.Alarms.Mqtt;

internal static class MqttTopicName
{
    /// <summary>Characters that mean something in a filter, or may not be in a topic.</summary>
    private static readonly char[] special = ['+', '#', '\0'];

    /// <summary>Where it goes: a pattern with its places filled by the fields of the message. No value adds a wildcard, and nothing begins with
    /// <c>$</c>.</summary>
    public static string Of(string pattern, string body)
    {
        var filled = new MqttPattern("", body, JsonSerializer.Deserialize<JsonElement>(body)).Fill(pattern);
        var topic = new StringBuilder(filled.Length);
        foreach (var level in filled.Split('/', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            topic.Append(topic.Length == 0 ? "" : "/").Append(level);
        foreach (var x in special) topic.Replace(x, '_');
        return topic.ToString().TrimStart('$');
    }
}
