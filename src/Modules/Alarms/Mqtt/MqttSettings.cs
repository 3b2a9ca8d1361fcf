using MQTTnet;
using MQTTnet.Protocol;
using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Alarms.Mqtt;

/// <summary>The section <c>Notify:Mqtt</c>: a broker from which alarms are received, and to which their states are published. Without a <see
/// cref="Broker"/> MQTT is off.</summary>
public sealed class MqttSettings
{
    public const string Section = "Notify:Mqtt";

    private static readonly TimeSpan longestKeepAlive = TimeSpan.FromHours(1);

    /// <summary><c>mqtt://host:1883</c>, or <c>mqtts://host:8883</c> with TLS. Null: MQTT is off.</summary>
    public string? Broker { get; set; }

    public string? UserName { get; set; }
    public string? Password { get; set; }

    /// <summary>Identifies the session in which the broker keeps messages while Notify is down. It must differ between installations: a second client
    /// with the same id would disconnect this one.</summary>
    public string ClientId { get; set; } = "notify";

    /// <summary><c>5</c> or <c>3.1.1</c>.</summary>
    public string Version { get; set; } = "5";

    /// <summary>How long the broker keeps the session while Notify is down (MQTT 5). More than zero.</summary>
    public TimeSpan SessionExpiry { get; set; } = TimeSpan.FromDays(7);

    /// <summary>More than zero, at most an hour.</summary>
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>A PEM file: the broker's certificate must be issued by one of these. Null: by one that the system trusts.</summary>
    public string? CaCertificateFile { get; set; }

    /// <summary>A PEM file with Notify's client certificate; null: it authenticates only by user name and password.</summary>
    public string? ClientCertificateFile { get; set; }

    /// <summary>A PEM file with the key of the client certificate; null: it is in the same file.</summary>
    public string? ClientKeyFile { get; set; }

    /// <summary>The topics from which alarms are received.</summary>
    public MqttTopic[] Topics { get; set; } = [];

    /// <summary>The topic for messages that are not alarms, with the reason; null: none.</summary>
    public string? RejectedTopic { get; set; }

    /// <summary>The topic to which an alarm's state is published at each change, such as <c>notify/{path}/{name}</c>; null: none.</summary>
    public string? StatesTopic { get; set; }

    /// <summary>Whether the broker retains the last state of each alarm for later subscribers.</summary>
    public bool StatesRetain { get; set; }

    public bool IsOn => !string.IsNullOrWhiteSpace(Broker);

    public bool PublishesStates => IsOn && !string.IsNullOrEmpty(StatesTopic);

    /// <summary>What is invalid in the settings; null: nothing.</summary>
    public string? Fault()
    {
        if (!IsOn) return null;
        if (!Uri.TryCreate(Broker, UriKind.Absolute, out var uri) || uri.Scheme is not ("mqtt" or "mqtts") || uri.Host.Length == 0
            || uri.PathAndQuery.Trim('/').Length > 0 || uri.UserInfo.Length > 0)
            return $"{Section}:Broker is '{Broker}', which is not an address such as mqtts://broker.plant.example:8883.";
        if (Version is not ("5" or "3.1.1")) return $"{Section}:Version is '{Version}'; use 5 or 3.1.1.";
        if (string.IsNullOrWhiteSpace(ClientId)) return $"{Section}:ClientId must not be empty: it identifies the session at the broker.";
        if (!Durations.IsSound(KeepAlive, longestKeepAlive)) return Durations.Wanted($"{Section}:KeepAlive", longestKeepAlive);
        if (SessionExpiry <= TimeSpan.Zero) return $"{Section}:SessionExpiry must be more than zero.";
        if (Topics.Length == 0 && !PublishesStates) return $"{Section} names neither Topics from which alarms come nor a StatesTopic.";
        foreach (var topic in Topics)
            if (topic.Fault() is { } fault) return fault;
        foreach (var file in (string?[])[CaCertificateFile, ClientCertificateFile, ClientKeyFile])
            if (file is not null && !File.Exists(file)) return $"{Section}: there is no file '{file}'.";
        foreach (var own in (string?[])[RejectedTopic, StatesTopic])
            if (own is not null && Topics.FirstOrDefault(x => Reaches(own, x.Filter)) is { } circle)
                return $"{Section}: messages published to '{own}' would be received again by '{circle.Filter}'.";
        return null;
    }

    /// <summary>Whether messages published to the pattern may match the subscription; a placeholder may become anything.</summary>
    private static bool Reaches(string pattern, string filter)
    {
        var (levels, wanted) = (pattern.Split('/'), filter.Split('/'));
        for (var i = 0; i < wanted.Length; i++)
        {
            if (wanted[i] == "#") return true;
            // A placeholder may become any number of levels.
            if (i < levels.Length && levels[i].Contains('{', StringComparison.Ordinal)) return true;
            if (i >= levels.Length || (wanted[i] != "+" && wanted[i] != levels[i])) return false;
        }

        return levels.Length == wanted.Length;
    }
}

/// <summary>A subscription, and how its messages become alarms. Without a mapping a message is an alarm as in <c>POST /alarms</c>, or a list of them.
/// With a mapping each pattern is a text with <c>{field}</c> or <c>{field.inner}</c> of the message, <c>{payload}</c> for the whole message,
/// <c>{topic}</c> for its topic, <c>{topic.1}</c> for a level of the topic, or <c>{first|second}</c> for the first of these that exists.</summary>
public sealed class MqttTopic
{
    /// <summary>A topic filter such as <c>plant/+/alarms/#</c>.</summary>
    public string Filter { get; set; } = "";

    public string? Name { get; set; }
    public string? Path { get; set; }
    public string? Type { get; set; }
    public string? Level { get; set; }
    public string? State { get; set; }
    public string? Value { get; set; }

    /// <summary>RFC 3339, or seconds or milliseconds since 1970.</summary>
    public string? EventTime { get; set; }

    public string? Description { get; set; }
    public string? AckUser { get; set; }
    public string? SourceId { get; set; }

    /// <summary>Words for levels in addition to the common ones, ignoring case.</summary>
    public Dictionary<string, AlarmLevel> Levels { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Words for states in addition to the common ones, ignoring case: <c>1</c> = <c>ActiveUnacked</c>.</summary>
    public Dictionary<string, AlarmState> States { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>For a message without a level, or with an unknown one.</summary>
    public AlarmLevel DefaultLevel { get; set; } = AlarmLevel.Medium;

    public AcknowledgeMode AckMode { get; set; } = AcknowledgeMode.Manual;

    public bool IsMapped => (Name, Path, Type, Level, State, Value, EventTime, Description, AckUser, SourceId) != default;

    internal string? Fault()
    {
        const string topics = $"{MqttSettings.Section}:Topics";
        var levels = Filter.Split('/');
        if (Filter.Length == 0) return $"{topics}: each needs a Filter, such as plant/+/alarms/#.";
        if (levels.Where((x, i) => (x.Contains('#', StringComparison.Ordinal) && (x != "#" || i < levels.Length - 1))
            || (x.Contains('+', StringComparison.Ordinal) && x != "+")).Any())
            return $"{topics}: '{Filter}' is not a filter: + stands for one level, # at the end for all that follow.";
        return IsMapped && Name is null ? $"{topics}: '{Filter}' maps fields and gives no Name." : null;
    }

    internal MqttTopicFilterBuilder ToFilter() =>
        new MqttTopicFilterBuilder().WithTopic(Filter).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce);
}
