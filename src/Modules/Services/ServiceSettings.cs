using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Notify.Channels;
using Notify.Kernel;

namespace Notify.Services;

/// <summary>The settings of a service: its type, and its channel's settings, under the property that the channel uses in events.</summary>
public sealed record ServiceSettings
{
    public required string Type { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Channel { get; init; }

    public static ServiceSettings Of(IChannel channel, JsonObject settings) =>
        new()
        {
            Type = channel.Type,
            Channel = new(
            StringComparer.Ordinal)
            { [channel.Settings.StoredAs] = JsonSerializer.SerializeToElement(settings, NotifyJson.Options) }
        };

    /// <summary>The channel's settings.</summary>
    public JsonObject In(IChannel channel) =>
        Channel?.TryGetValue(channel.Settings.StoredAs, out var settings) == true ? JsonObject.Create(settings) ?? [] : [];
}
