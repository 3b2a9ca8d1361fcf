using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Alarms.Intake;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Secrets;

namespace Notify.Alarms.Mqtt;

/// <summary>Converts messages to alarms.</summary>
internal sealed class MqttMessages(KnownSecrets secrets, TimeProvider time)
{
    private const int MostBytes = 1024 * 1024;
    private const int LongestTopic = 200;
    private static readonly Actor actor = new("mqtt", "MQTT", Actor.SystemKind);

    /// <param name="id">The same when the broker redelivers the message.</param>
    /// <returns>What is to be recorded, and the faults of the message, one line each. Nothing else is involved, so whatever goes wrong is a fault of
    /// the message: it must not keep its neighbours from being recorded.</returns>
    public (IReadOnlyList<AlarmCommand> Commands, IReadOnlyList<string> Faults) Read(
        string topic, ReadOnlyMemory<byte> payload, MqttTopic mapping, string id)
    {
        try
        {
            return ReadAll(topic, payload, mapping, id);
        }
        catch (Exception e)
        {
            return ([], [$"The message cannot be read: {FaultText.Of(e)}"]);
        }
    }

    private (IReadOnlyList<AlarmCommand> Commands, IReadOnlyList<string> Faults) ReadAll(
        string topic, ReadOnlyMemory<byte> payload, MqttTopic mapping, string id)
    {
        var (commands, faults) = (new List<AlarmCommand>(), new List<string>());
        if (payload.Length > MostBytes) return ([], [$"The message has {payload.Length} bytes; at most {MostBytes} are accepted."]);
        var audit = new AuditContext(
            actor, Ids.NewGuid(time.GetUtcNow()).ToString("N"), Client: $"mqtt {Errors.Cut(secrets.Strike(topic), LongestTopic)}");
        var bytes = payload.ToArray();
        secrets.Mask(bytes);
        var order = new ReportOrder();
        foreach (var item in ItemsOf(topic, bytes, mapping, faults))
        {
            var errors = new Errors();
            JsonText.Check(item, "", errors);
            var said = errors.Any ? null
                : AlarmReport.Read(mapping.IsMapped ? item : Placed(item, topic), time.GetUtcNow(), errors, new Errors());
            foreach (var (path, messages) in errors.ToDictionary())
                faults.AddRange(messages.Select(x => path.Length == 0 ? x : $"{path}: {x}"));
            if (said is null) continue;
            var command = AlarmReport.Command(said, audit);
            // A report without a time would otherwise count as new at each delivery.
            if (!said.Given.HasFlag(ReportFields.EventTime)) command = command with
            {
                EventId = Ids.DerivedGuid($"mqtt\n{id}\n{command.AlarmId}\n{said.Report.State}"),
            };
            commands.Add(order.Of(command, said.Report));
        }

        return (commands, faults);
    }

    private static JsonElement[] ItemsOf(string topic, byte[] payload, MqttTopic mapping, List<string> faults)
    {
        JsonElement? root = null;
        string? broken = null;
        try
        {
            root = JsonText.Parse(payload, findDuplicates: false, out _).RootElement;
        }
        catch (ProblemException e)
        {
            broken = e.Detail;
        }

        if (mapping.IsMapped) return [Mapped(new(topic, Encoding.UTF8.GetString(payload), root), mapping)];
        if (root is { ValueKind: JsonValueKind.Object } body && body.EnumerateObject().Count(x => x.NameEquals("alarms")) > 1)
        {
            faults.Add("alarms: This field is given twice.");
            return [];
        }

        var items = root switch
        {
            { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray()],
            { ValueKind: JsonValueKind.Object } one when one.TryGetProperty("alarms", out var list) && list.ValueKind == JsonValueKind.Array =>
                [.. list.EnumerateArray()],
            { ValueKind: JsonValueKind.Object } one => [one],
            _ => Array.Empty<JsonElement>(),
        };
        if (items.Length is 0 or > 1000) faults.Add(broken ?? "Give an alarm as a JSON object, or a list of 1 to 1000.");
        return items.Length > 1000 ? [] : items;
    }

    /// <summary>An alarm with neither path nor id gets its topic as the path.</summary>
    /// <param name="item">Checked: it has no field twice.</param>
    private static JsonElement Placed(JsonElement item, string topic) =>
        item.ValueKind != JsonValueKind.Object || item.TryGetProperty("path", out _) || item.TryGetProperty("sourceId", out _) ? item
            : JsonSerializer.SerializeToElement(new JsonObject(item.EnumerateObject().Select(
                x => KeyValuePair.Create(x.Name, JsonNode.Parse(x.Value.GetRawText()))).Append(KeyValuePair.Create("path", (JsonNode?)topic))),
                NotifyJson.Options);

    private static JsonElement Mapped(MqttPattern message, MqttTopic mapping)
    {
        var alarm = new JsonObject { ["ackMode"] = JsonSerializer.SerializeToNode(mapping.AckMode, NotifyJson.Options) };
        Set("name", mapping.Name);
        Set("path", mapping.Path ?? "{topic}");
        Set("type", mapping.Type);
        Set("value", mapping.Value);
        Set("description", mapping.Description);
        Set("ackUser", mapping.AckUser);
        Set("sourceId", mapping.SourceId);
        Set("eventTime", mapping.EventTime, InstantOf);
        Set("level", mapping.Level ?? "", x => LevelOf(x, mapping));
        Set("state", mapping.State, x => StateOf(x, mapping));
        return JsonSerializer.SerializeToElement(alarm, NotifyJson.Options);

        void Set(string field, string? pattern, Func<string, string>? read = null)
        {
            if (pattern is null) return;
            var text = message.Fill(pattern).Trim();
            if (read is not null && (text.Length > 0 || field == "level")) text = read(text);
            if (text.Length > 0) alarm[field] = text;
        }
    }

    private static string LevelOf(string word, MqttTopic mapping) =>
        (mapping.Levels.TryGetValue(word, out var given) ? given : LevelWords.Of(word) ?? mapping.DefaultLevel).ToString();

    /// <summary>An unknown word is kept, so that the fault names it.</summary>
    private static string StateOf(string word, MqttTopic mapping) =>
        mapping.States.TryGetValue(word, out var given) ? given.ToString() : word.ToUpperInvariant() switch
        {
            "1" or "TRUE" or "ON" or "ACTIVE" or "ALARM" or "RAISED" or "FIRING" or "SET" => nameof(AlarmState.ActiveUnacked),
            "0" or "FALSE" or "OFF" or "INACTIVE" or "OK" or "NORMAL" or "CLEARED" or "RESOLVED" => nameof(AlarmState.ClearedUnacked),
            _ => Enum.GetNames<AlarmState>().FirstOrDefault(x => x.Equals(word, StringComparison.OrdinalIgnoreCase)) ?? word,
        };

    /// <summary>Converts seconds or milliseconds since 1970 to RFC 3339; other text stays unchanged.</summary>
    private static string InstantOf(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && number is > 0 and < 4e12
            ? DateTimeOffset.UnixEpoch.AddMilliseconds(number < 1e11 ? number * 1000 : number).ToString("O", CultureInfo.InvariantCulture) : text;
}
