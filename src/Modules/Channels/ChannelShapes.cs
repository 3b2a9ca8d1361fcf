using System.Text.Json.Nodes;
using Notify.Channels.Fields;
using Notify.Channels.Messages;
using Notify.Channels.Receivers;
using Notify.Kernel.Http;

namespace Notify.Channels;

/// <summary>Describes the services, receivers and messages of each registered channel in the OpenAPI document.</summary>
public static class ChannelShapes
{
    public static AddedFields OfServices(ChannelCatalog channels, Type owner, bool shown) => new(
        owner,
        [
            new("type", Text()),
            .. channels.All.Select(x => new AddedField(
                x.Type, FieldSchema.Of(x.Settings.Fields, shown), NameOf(x) + (shown ? "SettingsView" : "Settings"))),
        ],
        [.. channels.All.Select(x => Shape("type", x.Type, x.Type))]);

    /// <summary>A kind that several channels have means the same in each.</summary>
    public static AddedFields OfReceivers(ChannelCatalog channels, Type owner) => new(
        owner,
        [
            new("kind", Text()),
            .. channels.Kinds.SelectMany(x => x.Fields).DistinctBy(x => x.Name).Select(x => new AddedField(x.Name, SchemaOf(x))),
        ],
        [.. channels.Kinds.Select(x => Shape(
            "kind", x.Kind, [.. x.NamedBy is { } named ? (string[])[named] : [], .. x.Fields.Where(f => f.Required).Select(f => f.Name)]))]);

    public static AddedFields OfMessages(ChannelCatalog channels, Type owner) => new(
        owner,
        [
            new("type", Text()),
            new("format", Text()),
            .. channels.All.SelectMany(x => x.Messages.Fields).DistinctBy(x => x.Field.Name)
                .Select(x => new AddedField(x.Field.Name, SchemaOf(x.Field))),
        ],
        [.. channels.All.Select(x => MessageShape(x, isDefault: x == channels.Default))]);

    /// <param name="isDefault">Whether this channel applies if no type is given.</param>
    private static JsonObject MessageShape(IChannel channel, bool isDefault)
    {
        string[] content = channel.Messages.TakesContent ? ["content"] : [];
        var shape = Shape(
            "type", channel.Type, [.. content, .. channel.Messages.Fields.Where(x => x.Field.Required).Select(x => x.Field.Name)]);
        if (isDefault) shape["required"]!.AsArray().RemoveAt(0);
        shape["properties"]!["format"] = OneOf(channel.Messages.Formats.Select(x => x.Name));
        return shape;
    }

    private static JsonObject Shape(string by, string value, params IReadOnlyList<string> required) => new()
    {
        ["title"] = value,
        ["properties"] = new JsonObject { [by] = OneOf([value]) },
        ["required"] = new JsonArray([.. required.Prepend(by).Select(x => (JsonNode)x)]),
    };

    /// <summary>Without an enum, whose names client generators would alter; the values are stated in the shapes.</summary>
    private static JsonObject Text() => new() { ["type"] = "string" };

    private static JsonObject OneOf(IEnumerable<string> values) =>
        new() { ["type"] = "string", ["enum"] = new JsonArray([.. values.Select(x => (JsonNode)x)]) };

    private static JsonObject SchemaOf(Field field) => FieldSchema.Of([field])["properties"]![field.Name]!.DeepClone().AsObject();

    /// <summary><c>sms-relay</c> becomes <c>SmsRelay</c>, the form of class names in generated clients.</summary>
    private static string NameOf(IChannel channel) =>
        string.Concat(channel.Type.Split('-').Select(x => char.ToUpperInvariant(x[0]) + x[1..]));
}
