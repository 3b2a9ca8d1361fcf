using System.Text.Json.Nodes;
using Notify.Peers.Email;

namespace Notify.Delivery.Tests.Channels;

public sealed class EmailPeer : ChannelPeer
{
    private EmailStandIn server = null!;

    public override string Type => "email";

    public override IReadOnlyList<string> Settings =>
        ["Notify:Outgoing:AllowedNetworks:0=127.0.0.0/8", "Notify:Email:LimitPerMinute=20", "Notify:Email:ProbeInterval=00:00:01"];

    public override string Secret => "a-password-that-is-not-the-users";
    public override JsonObject Receiver => new() { ["kind"] = "address", ["account"] = "duty@plant.example" };
    public override JsonObject Unreachable => new() { ["kind"] = "address", ["account"] = "gone@plant.example", ["as"] = "cc" };
    public override JsonObject Unknown => new() { ["kind"] = "address", ["account"] = "nobody" };
    public override bool Splits => false;
    public override bool Merges => true;
    public override bool DropsRepeats => false;
    public override bool HasOtherWords => true;
    public override int? ServerErrorStatus => null;
    public override string CutAnswerOutcome => "unknown";
    public override IReadOnlyList<string> Shown => [.. server.Received.Select(x => x.Text)];

    public override async Task StartAsync()
    {
        server = await EmailStandIn.StartAsync();
        server.Unknown["gone@plant.example"] = true;
    }

    public override JsonObject Service(bool rightSecret) => new()
    {
        ["from"] = EmailStandIn.User,
        ["host"] = "127.0.0.1",
        ["port"] = server.Port,
        // A lane of its own, so that it does not wait for the others.
        ["userName"] = rightSecret ? EmailStandIn.User : "another@plant.example",
        ["password"] = rightSecret ? EmailStandIn.Password : Secret,
        ["timeoutMs"] = 1000,
        ["caCertificate"] = server.CaCertificate,
        ["serverName"] = EmailStandIn.Name,
    };

    public override JsonObject Message(string words) =>
        new() { ["type"] = "email", ["subject"] = "{level} {name}", ["format"] = "text", ["content"] = words };

    public override void Fail(PeerFault fault, int? count = 1) => server.Fail(
        fault switch
        {
            PeerFault.NoAnswer => new MailFault(MailStage.Words, 0),
            PeerFault.LostAnswer => new MailFault(MailStage.Words, 0, Takes: true),
            PeerFault.CutAnswer => new MailFault(MailStage.Words, 250, Takes: true, Cut: true),
            PeerFault.ServerError => new MailFault(MailStage.Sender, 451, "4.3.0 Error: queue file write error"),
            _ => new MailFault(MailStage.Words, 554, "5.7.1 Rejected: the words look like spam"),
        }, count);

    public override void Heal() => server.Heal();

    public override ValueTask DisposeAsync() => server.DisposeAsync();
}

public sealed class EmailSuite(ChannelHost<EmailPeer> fixture) : ChannelSuite<EmailPeer>(fixture);
