using System.Collections.Concurrent;
using MQTTnet;

namespace Notify.Alarms.Mqtt;

/// <summary>Which mapping counts for a topic: the first that fits.</summary>
internal sealed class MqttTopicMatch(IReadOnlyList<MqttTopic> topics)
{
    private readonly ConcurrentDictionary<string, MqttTopic?> known = new(StringComparer.Ordinal);

    public MqttTopic? Of(string topic)
    {
        if (known.Count > 10_000) known.Clear();
        return known.GetOrAdd(
            topic, x => topics.FirstOrDefault(t => MqttTopicFilterComparer.Compare(x, t.Filter) == MqttTopicFilterCompareResult.IsMatch));
    }
}
