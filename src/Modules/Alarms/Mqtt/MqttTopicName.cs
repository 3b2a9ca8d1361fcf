using System.Text;
using System.Text.Json;

namespace Notify.Alarms.Mqtt;

internal static class MqttTopicName
{
    /// <summary>Characters that are wildcards in a filter, or not allowed in a topic.</summary>
    private static readonly char[] special = ['+', '#', '\0'];

    /// <summary>The topic of a state: a pattern with its placeholders filled from the state's fields. Values add no wildcards, and the topic does not
    /// begin with <c>$</c>.</summary>
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
