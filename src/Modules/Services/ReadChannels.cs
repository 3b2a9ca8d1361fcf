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

/// <summary><c>GET /channels</c>: the registered channels, and what can be configured for each, so that a client can build its forms.</summary>
public static class ReadChannels
{
    /// <param name="Type">What it holds: <c>text</c>, <c>number</c>, <c>flag</c>, <c>choice</c>, <c>choices</c>, <c>texts</c>, <c>secret</c>,
    /// <c>secretAddress</c> (shown masked), <c>object</c>, <c>list</c> (of objects), <c>map</c> or <c>secretMap</c>.</param>
    /// <param name="Secret">It can be written but not read; left out of a change, or sent back as it was read, it is kept.</param>
    /// <param name="Choices">The allowed values.</param>
    /// <param name="Min">Of a number; of a text, its characters; of a list or map, its entries.</param>
    /// <param name="Key">Of a list: the field that tells its items apart.</param>
    /// <param name="HasParameters">Parameters such as {name} can stand in it.</param>
    /// <param name="Fields">Of an object, or of each object of a list.</param>
    internal sealed record ShownField(
        string Name, string Type, BilingualText Title, BilingualText? Help, bool Required, Condition? RequiredIf, bool Secret, JsonNode? Default,
        IReadOnlyList<Choice>? Choices, long? Min, long? Max, bool Multiline, string? Key, bool HasParameters, IReadOnlyList<ShownField>? Fields);

    /// <summary>It is required, and matters, only where this field of the same object has, or contains, this value.</summary>
    internal sealed record Condition(string Field, string Value);

    /// <param name="NamedBy">The field of a receiver that has its name: <c>alias</c> or <c>account</c>; absent when it has none.</param>
    /// <param name="TakesAll">Whether <c>@all</c> stands for all of this kind.</param>
    /// <param name="Fields">What a receiver has beside its name.</param>
    internal sealed record Kind(string Name, BilingualText Label, string? NamedBy, bool TakesAll, IReadOnlyList<ShownField> Fields);

    /// <summary>A format of messages; the first is that of a message which names none.</summary>
    internal sealed record Format(string Name, BilingualText Label, IReadOnlyList<Limit> Limits);

    /// <summary>What fits into one part of a message; what has no limit is left out.</summary>
    /// <param name="ReceiverKind">Absent when it is the same for all.</param>
    /// <param name="Parts">Into how many a longer text is split at most.</param>
    internal sealed record Limit(string? ReceiverKind, int? Bytes, int? Characters, int? Parts);

    /// <param name="Settings">What a service has under the property with the channel's type.</param>
    /// <param name="MessageFields">What a message has beside format, content and mentions.</param>
    /// <param name="TakesContent">Whether a message has <c>content</c>.</param>
    /// <param name="TestBytes">The longest text of a test message, in UTF-8.</param>
    /// <param name="PersonField">By what of their record people are reached; absent when they are not.</param>
    /// <param name="Capabilities">What its services can do beside sending: <c>accountImport</c>, <c>connectionTest</c>.</param>
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
