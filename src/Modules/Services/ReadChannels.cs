using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Channels;
using Notify.Channels.Fields;
using Notify.Channels.Messages;
using Notify.Channels.Receivers;
using Notify.Kernel.Http;
using Notify.Kernel.Texts;

namespace Notify.Services;

/// <summary><c>GET /channels</c>: the registered channels, and what can be configured for each, from which clients can build forms.</summary>
public static class ReadChannels
{
    /// <param name="Type">The type of its value: <c>text</c>, <c>number</c>, <c>flag</c>, <c>choice</c>, <c>choices</c>, <c>texts</c>, <c>secret</c>,
    /// <c>secretAddress</c> (shown masked), <c>object</c>, <c>list</c> (of objects), <c>map</c> or <c>secretMap</c>.</param>
    /// <param name="Secret">Whether it can be written but not read; if omitted in a change, or sent back as shown, the stored value is kept.</param>
    /// <param name="Choices">The allowed values.</param>
    /// <param name="Min">The minimum of a number, of a text's length in characters, or of the entries of a list or map.</param>
    /// <param name="Key">For a list: the field that identifies its items.</param>
    /// <param name="HasParameters">Whether it may contain parameters such as {name}.</param>
    /// <param name="Fields">The fields of an object, or of each object in a list.</param>
    internal sealed record ShownField(
        string Name, string Type, BilingualText Title, BilingualText? Help, bool Required, Condition? RequiredIf, bool Secret, JsonNode? Default,
        IReadOnlyList<Choice>? Choices, long? Min, long? Max, bool Multiline, string? Key, bool HasParameters, IReadOnlyList<ShownField>? Fields);

    /// <summary>The field is required, and checked, only if this field of the same object has, or contains, this value.</summary>
    internal sealed record Condition(string Field, string Value);

    /// <param name="NamedBy">The property of a receiver that is its name: <c>alias</c> or <c>account</c>; absent if it has no name.</param>
    /// <param name="TakesAll">Whether <c>@all</c> means all of this kind.</param>
    /// <param name="Fields">The fields of a receiver other than its name.</param>
    internal sealed record Kind(string Name, BilingualText Label, string? NamedBy, bool TakesAll, IReadOnlyList<ShownField> Fields);

    /// <summary>A format of messages; the first is the default.</summary>
    internal sealed record Format(string Name, BilingualText Label, IReadOnlyList<Limit> Limits);

    /// <summary>The maximum size of one part of a message; absent values are unlimited.</summary>
    /// <param name="ReceiverKind">Absent if it is the same for all.</param>
    /// <param name="Parts">The maximum number of parts into which a longer text is split.</param>
    internal sealed record Limit(string? ReceiverKind, int? Bytes, int? Characters, int? Parts);

    /// <param name="Settings">The fields under the property named after the channel's type.</param>
    /// <param name="MessageFields">The fields of a message other than format, content and mentions.</param>
    /// <param name="TakesContent">Whether a message has <c>content</c>.</param>
    /// <param name="TestBytes">The maximum text of a test message, in UTF-8 bytes.</param>
    /// <param name="PersonField">The field of a person's record by which people are reached; absent if they cannot be.</param>
    /// <param name="Capabilities">What its services can do besides sending: <c>accountImport</c>, <c>connectionTest</c>.</param>
    internal sealed record Channel(
        string Type, BilingualText Name, IReadOnlyList<ShownField> Settings, IReadOnlyList<Kind> Receivers, IReadOnlyList<Format> Formats,
        IReadOnlyList<ShownField> MessageFields, bool TakesContent, bool TakesMentions, int TestBytes, ShownField? PersonField,
        IReadOnlyList<string> Capabilities);

    internal sealed record Answer(IReadOnlyList<Channel> Items);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/channels", (HttpContext http, ChannelCatalog channels) => new Answer([.. channels.All.Select(Describe)]))
            .WithTags("services").Requires(Permission.ConfigurationRead)
            .Document(
                "listChannels", "List the channels",
                "The channels that services can use, each with all that a form needs: the fields of its settings, its kinds of receivers and its messages, "
                + "with titles and help in both languages, and what its services can do besides sending.");

    private static Channel Describe(IChannel channel) => new(
        channel.Type, channel.Name, Describe(channel.Settings.Fields), [.. channel.Receivers.Select(Describe)],
        [.. channel.Messages.Formats.Select(x => Describe(x, channel.Messages.Limits))],
        [.. channel.Messages.Fields.Select(x => Describe(x.Field, hasParameters: x.Template is not null))], channel.Messages.TakesContent,
        channel.Messages.TakesMentions, channel.Messages.TestBytes,
        channel.Person is { } person ? Describe(person.Field) : null, [.. Capabilities(channel)]);

    private static IEnumerable<string> Capabilities(IChannel channel)
    {
        if (channel.AccountImport is not null) yield return "accountImport";
        if (channel.ConnectionTest is not null) yield return "connectionTest";
    }

    private static Kind Describe(ReceiverKind x) => new(x.Kind, x.Name, x.NamedBy, x.Everyone is not null, Describe(x.Fields));

    private static Format Describe(IMessageFormat format, IReadOnlyList<FormatLimit> limits) => new(
        format.Name, format.Label,
        [.. limits.Where(x => x.Format == format.Name).Select(x => new Limit(x.ReceiverKind, x.Bytes, x.Characters, x.Parts))]);

    private static List<ShownField> Describe(IReadOnlyList<Field> fields) => [.. fields.Select(x => Describe(x))];

    private static ShownField Describe(Field x, bool hasParameters = false) => new(
        x.Name, char.ToLowerInvariant(x.Type.ToString()[0]) + x.Type.ToString()[1..], x.Title, x.Help, x.Required,
        x.RequiredIf is var (field, value) ? new Condition(field, value) : null,
        x.Type is FieldType.Secret or FieldType.SecretAddress or FieldType.SecretMap, x.Default?.DeepClone(),
        x.Choices.Count == 0 ? null : x.Choices, x.Min, x.Max, x.Multiline, x.Key, hasParameters,
        x.Fields.Count == 0 ? null : Describe(x.Fields));
}
