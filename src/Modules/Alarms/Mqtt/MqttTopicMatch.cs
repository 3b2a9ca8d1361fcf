using System.Collections.Concurrent;
using MQTTnet;

namespace Notify.Alarms.Mqtt;

/// <summary>Finds the mapping for a topic: the first whose filter matches.</summary>
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
