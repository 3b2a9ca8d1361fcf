using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Channels;
using Notify.Kernel.Http;
using Notify.Kernel.Texts;

namespace Notify.Services;

/// <summary><c>GET /channels</c>: the channels there are, and what can be configured with each.</summary>
public static class ReadChannels
{
    /// <param name="NamedBy">The field of a receiver that has its name: <c>alias</c> or <c>account</c>.</param>
    /// <param name="TakesAll">Whether <c>@all</c> stands for all of this kind.</param>
    private sealed record Kind(string Name, BilingualText Label, string NamedBy, bool TakesAll);

    /// <summary>A format of messages; the first is that of a message which names none.</summary>
    private sealed record Format(string Name, BilingualText Label);

    /// <param name="TestBytes">The longest text of a test message, in UTF-8.</param>
    /// <param name="Capabilities">What its services can do beside sending: <c>accountImport</c>.</param>
    private sealed record Channel(string Type, BilingualText Name, IReadOnlyList<Kind> Receivers, IReadOnlyList<Format> Formats, bool TakesMentions,
        int TestBytes, IReadOnlyList<string> Capabilities);

    private sealed record Answer(IReadOnlyList<Channel> Items);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/channels", (HttpContext http, ChannelCatalog channels) => new Answer([.. channels.All.Select(Describe)]))
            .WithTags("services").Requires(Permission.ConfigurationRead)
            .Document(
                "listChannels", "List the channels",
                "The channels that services can use: the kinds of receivers of each, the formats of its messages, and what its services can do besides sending.");

    private static Channel Describe(IChannel channel) => new(
        channel.Type, channel.Name,
        [.. channel.Receivers.Select(x => new Kind(x.Kind, x.Name, x.Field == ReceiverField.Alias ? "alias" : "account", x.Everyone is not null))],
        [.. channel.Messages.Formats.Select(x => new Format(x.Name, x.Label))], channel.Messages.TakesMentions, channel.Messages.TestBytes,
        channel.AccountImport is null ? [] : ["accountImport"]);
}
