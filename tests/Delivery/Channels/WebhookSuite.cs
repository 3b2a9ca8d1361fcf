using System.Text.Json.Nodes;
using Notify.Peers.Webhook;

namespace Notify.Delivery.Tests.Channels;

public sealed class WebhookPeer : ChannelPeer
{
    private WebhookStandIn receiver = null!;

    public override string Type => "webhook";

    public override IReadOnlyList<string> Settings =>
        ["Notify:Webhook:Timeout=00:00:02", "Notify:Webhook:AllowHttp=true", "Notify:Outgoing:AllowedNetworks:0=127.0.0.0/8"];

    public override string Secret => WebhookStandIn.Secret["whsec_".Length..];
    public override JsonObject Receiver => new() { ["kind"] = "endpoint" };
    public override JsonObject Unknown => new() { ["kind"] = "endpoint", ["alias"] = "another" };
    public override bool Splits => false;
    public override bool Merges => false;
    public override bool DropsRepeats => true;
    public override bool HasOtherWords => false;
    public override IReadOnlyList<string> Shown => [.. receiver.Received.Where(x => x.IsNew).Select(x => x.Body)];

    public override Task StartAsync() => (receiver = new WebhookStandIn()).StartAsync();

    public override JsonObject Service(bool rightSecret) => new()
    {
        ["url"] = receiver.Url,
        ["signingSecret"] = rightSecret ? WebhookStandIn.Secret : "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ["headers"] = new JsonObject { ["Authorization"] = $"Bearer {Secret}" },
    };

    public override JsonObject Message(string words) =>
        new() { ["type"] = "webhook", ["format"] = "json", ["content"] = $$$"""{{ "words": "{{{words}}}" }}""" };

    public override void Fail(PeerFault fault, int? count = 1) => receiver.Fail(
        fault switch
        {
            PeerFault.NoAnswer => new WebhookFault(0),
            PeerFault.LostAnswer => new WebhookFault(0, Acts: true),
            PeerFault.CutAnswer => new WebhookFault(200, Acts: true, Cut: true),
            PeerFault.ServerError => new WebhookFault(502),
            _ => new WebhookFault(422),
        }, count);

    public override void Heal() => receiver.Heal();

    public override async ValueTask DisposeAsync()
    {
        await receiver.DisposeAsync();
        await base.DisposeAsync();
    }
}

public sealed class WebhookSuite(ChannelHost<WebhookPeer> fixture) : ChannelSuite<WebhookPeer>(fixture);
