using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Audit.Tests.Proofs;

/// <summary>An emergency and a review of the history, each signed by whom it needs.</summary>
public sealed class SignedEmergency : IAsyncLifetime
{
    public const string Requested = "access.emergency_requested.v1";
    public const string Opened = "access.emergency_opened.v1";
    public const string Ended = "access.emergency_ended.v1";
    public const string EmergencyReviewed = "access.emergency_reviewed.v1";
    public const string Reviewed = "audit.history_reviewed.v1";

    private Browser auditor = null!;

    public NotifyHost Host { get; private set; } = null!;
    public Example Example { get; private set; } = null!;
    public string Emergency { get; private set; } = "";
    public string Review { get; private set; } = "";

    internal ExportedFiles Files { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Host = await NotifyHost.StartAsync();
        Files = new(Host);
        Example = await Example.MakeAsync(Host);
        using var first = await Host.SignedInAsync("li.na", "engineer");
        using var second = await Host.SignedInAsync("boss", "administrator");
        auditor = await Host.SignedInAsync("zhao.lei", "auditor");
        (await Host.SendAsync("PUT", "approval-policy", new { kinds = new[] { "message" } }, "If-Match", "\"0\"")).Status.Should().Be(200);
        var signature = new { password = SigningIn.Password };
        var asked = await first.SendAsync("POST", "emergency", new { reason = "Nobody is told", minutes = 60, signature });
        asked.Status.Should().Be(201, asked.Text);
        Emergency = asked.Id;
        (await second.SendAsync("POST", $"emergency/{Emergency}/confirm", new { signature })).Status.Should().Be(200);
        var message = await Host.GetAsync($"messages/{Example.MessageId}");
        message["name"] = "Night text";
        (await first.SendAsync("PUT", $"messages/{Example.MessageId}", message, "If-Match", "*")).Status.Should().Be(200);
        (await second.SendAsync("POST", $"emergency/{Emergency}/end")).Status.Should().Be(200);
        (await auditor.SendAsync("POST", $"emergency/{Emergency}/review", new { findings = "As the shift report says", signature })).Status.Should().Be(200);
        Review = await ReviewAsync();
    }

    /// <summary>Makes one more review of the history.</summary>
    public async Task<string> ReviewAsync()
    {
        var now = TimeProvider.System.GetUtcNow();
        var read = await auditor.SendAsync("POST", "history-reviews", new
        {
            from = now.AddDays(-2),
            to = now.AddDays(-1),
            findings = "As the tickets say",
            signature = new { password = SigningIn.Password },
        });
        read.Status.Should().Be(201, read.Text);
        return read.Id;
    }

    public async Task DisposeAsync()
    {
        auditor.Dispose();
        await Host.DisposeAsync();
        Files.Dispose();
    }

    public Task AppendAsync(string stream, long version, string type, (JsonObject Data, string By) e) =>
        ForgedEvents.AppendAsync(Host, stream, version, type, e.Data.ToJsonString(), e.By);

    /// <summary>An event as it would be if Notify had signed it for another stream, but for the seal.</summary>
    public async Task<(JsonObject Data, string By)> ResignedAsync(
        string stream, string from, string type, Action<JsonObject>? change = null, Action<JsonObject>? inSignature = null,
        bool isContentKept = false)
    {
        var e = await ForgedEvents.ReadAsync(Host, from, type);
        var data = e["data"]!.AsObject();
        var signature = data["signature"]!.AsObject();
        change?.Invoke(data);
        inSignature?.Invoke(signature);
        data.Remove("signature");
        if (!isContentKept) signature["content"] = ForgedEvents.Sha256(data.ToJsonString());
        signature["hash"] = ForgedEvents.HashOf(signature, stream[..stream.IndexOf('-', StringComparison.Ordinal)], stream);
        data["signature"] = signature;
        return (data, (string)e["user"]!);
    }

    public async Task<List<JsonNode?>> FindingsAsync() =>
        [.. (await Host.PostAsync("audit/verify", new { }))["findings"]!.AsArray().Where(x => (string?)x!["kind"] == "signature")];

    public Task<string> NumberAsync(string type) =>
        ForgedEvents.ScalarAsync(Host, "select min(seq_id)::text from notify.mt_events where type = $1", type);
}
