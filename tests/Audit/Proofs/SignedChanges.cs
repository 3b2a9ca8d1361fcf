using Notify.Testing;

namespace Notify.Audit.Tests.Proofs;

/// <summary>Two people who sign, a proposal that both have signed and that was made, and one that only its author has signed.</summary>
public sealed class SignedChanges : IAsyncLifetime
{
    private Browser author = null!;
    private Browser approver = null!;
    private int changes;

    public NotifyHost Host { get; private set; } = null!;
    public Example Example { get; private set; } = null!;

    /// <summary>A message that nobody has proposed to change.</summary>
    public string UnchangedId { get; private set; } = "";

    /// <summary>The last ones.</summary>
    public string Made { get; private set; } = "";

    /// <inheritdoc cref="Made"/>
    public string Open { get; private set; } = "";

    internal ExportedFiles Files { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Host = await NotifyHost.StartAsync();
        Files = new(Host);
        Example = await Example.MakeAsync(Host);
        UnchangedId = (string)(await Host.PostAsync("messages", new { type = "wecom", name = "Another", content = "{name}" }))["id"]!;
        (author, approver) = (await Host.SignedInAsync("li.na", "administrator"), await Host.SignedInAsync("wang.wei", "administrator"));
        (await Host.SendAsync("PUT", "approval-policy", new { kinds = new[] { "message" }, signature = "both" }, "If-Match", "\"0\"")).Status
            .Should().Be(200);
        await ProposeBothAsync();
    }

    public async Task ProposeBothAsync()
    {
        Made = await ProposeAsync($"Asked for by wangwu: {++changes}");
        (await ApproveAsync(Made)).Status.Should().Be(200);
        Open = await ProposeAsync($"Another text: {++changes}");
    }

    public async Task DisposeAsync()
    {
        author.Dispose();
        approver.Dispose();
        await Host.DisposeAsync();
        Files.Dispose();
    }

    /// <summary>Signed by its author.</summary>
    public async Task<string> ProposeAsync(string description)
    {
        var message = await Host.GetAsync($"messages/{Example.MessageId}");
        message["description"] = description;
        var proposed = await author.SendAsync("PUT", $"messages/{Example.MessageId}", message, "If-Match", "*");
        proposed.Status.Should().Be(202, proposed.Text);
        (await author.SendAsync("POST", $"proposals/{proposed.Id}/sign", new { signature = new { password = SigningIn.Password } })).Status.Should().Be(200);
        return proposed.Id;
    }

    public Task<RestAnswer> ApproveAsync(string id) =>
        approver.SendAsync("POST", $"proposals/{id}/approve", new { signature = new { password = SigningIn.Password } });

    public async Task<string> FileAsync(string address)
    {
        var last = "select stream_id from notify.mt_events where seq_id = (select max(seq_id) from notify.mt_events where type like 'access.proposal%' or type like 'rules.message%')";
        address = address.Replace("MESSAGE", Example.MessageId, StringComparison.Ordinal)
            .Replace("FORGED", await ForgedEvents.ScalarAsync(Host, last), StringComparison.Ordinal)
            .Replace("CHANGE", await NumberAsync("rules.message_changed.v1"), StringComparison.Ordinal)
            .Replace("APPROVAL", await NumberAsync("access.proposal_approved.v1"), StringComparison.Ordinal)
            .Replace("LAST", await ForgedEvents.ScalarAsync(Host, last.Replace("select stream_id", "select seq_id::text", StringComparison.Ordinal)), StringComparison.Ordinal)
            .Replace("FROM", TimeProvider.System.GetUtcNow().AddHours(-1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"), StringComparison.Ordinal);
        return await Files.FileAsync(address);
    }

    private Task<string> NumberAsync(string type) => ForgedEvents.ScalarAsync(Host, $"select min(seq_id)::text from notify.mt_events where type = '{type}'");
}
