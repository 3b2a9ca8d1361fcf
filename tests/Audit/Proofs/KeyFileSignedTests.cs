using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Audit.Tests.Proofs;

/// <summary>
/// Signatures that are part of what they sign, of emergencies and of reviews of the history: who has only a file and the public key cannot tell who
/// made them, but that each is of just what it stands with. What somebody else has written as Notify would is found by both verifiers, as far as that
/// goes.
/// </summary>
public sealed class KeyFileSignedTests : IAsyncLifetime
{
    private const string Requested = "access.emergency_requested.v1";
    private const string Opened = "access.emergency_opened.v1";
    private const string Ended = "access.emergency_ended.v1";
    private const string EmergencyReviewed = "access.emergency_reviewed.v1";
    private const string Reviewed = "audit.history_reviewed.v1";

    private readonly DirectoryInfo files = Directory.CreateTempSubdirectory("notify-bound-");
    private NotifyHost host = null!;
    private Example example = null!;
    private string emergency = null!, review = null!;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync();
        example = await Example.MakeAsync(host);
        using var first = await host.SignedInAsync("li.na", "engineer");
        using var second = await host.SignedInAsync("boss", "administrator");
        using var auditor = await host.SignedInAsync("zhao.lei", "auditor");
        (await host.SendAsync("PUT", "approval-policy", new { kinds = new[] { "message" } }, "If-Match", "\"0\"")).Status.Should().Be(200);
        var signature = new { password = SigningIn.Password };
        var asked = await first.SendAsync("POST", "emergency", new { reason = "Nobody is told", minutes = 60, signature });
        asked.Status.Should().Be(201, asked.Text);
        emergency = asked.Id;
        (await second.SendAsync("POST", $"emergency/{emergency}/confirm", new { signature })).Status.Should().Be(200);
        var message = await host.GetAsync($"messages/{example.MessageId}");
        message["name"] = "Night text";
        (await first.SendAsync("PUT", $"messages/{example.MessageId}", message, "If-Match", "*")).Status.Should().Be(200);
        (await second.SendAsync("POST", $"emergency/{emergency}/end")).Status.Should().Be(200);
        (await auditor.SendAsync("POST", $"emergency/{emergency}/review", new { findings = "As the shift report says", signature })).Status.Should().Be(200);
        var now = TimeProvider.System.GetUtcNow();
        var read = await auditor.SendAsync("POST", "history-reviews", new
        {
            from = now.AddDays(-2),
            to = now.AddDays(-1),
            findings = "As the tickets say",
            signature,
        });
        read.Status.Should().Be(201, read.Text);
        review = read.Id;
    }

    public async Task DisposeAsync()
    {
        await host.DisposeAsync();
        files.Delete(recursive: true);
    }

    [Fact]
    public async Task whatever_leaves_notify_shows_that_they_are_of_what_they_stand_with()
    {
        var key = await Verifiers.SignAsync(host);
        string[] all = ["requested by The li.na", "confirmed by The boss", "reviewed by The zhao.lei"];
        foreach (var (address, expected) in new[]
        {
            ("audit/export", [.. all, "reviewed by The zhao.lei"]), ("audit/export?format=csv", [.. all, "reviewed by The zhao.lei"]),
            ($"audit/export?resource={example.MessageId}", all), ($"audit/export?resource={emergency}", all),
            ($"audit/export?resource={review}", ["reviewed by The zhao.lei"]), ($"audit/proof/{await NumberAsync("rules.message_changed.v1")}", all),
            ($"audit/proof/{await NumberAsync(EmergencyReviewed)}", all), ("receipt", all), ("audit/export?resource=service", Array.Empty<string>()),
        })
        {
            var (_, signatures) = await Verifiers.BothAcceptAsync(await FileAsync(address), key);
            signatures.Select(x => x[..x.IndexOf(" (user-", StringComparison.Ordinal)]).Should().Equal(expected, address);
        }
    }

    [Theory]
    [InlineData("copied", "The signature was altered, or was made for something else.")]
    [InlineData("by another", "The signature is another person's than who has it on record.")]
    [InlineData("other meaning", "The signature means something else than its event.")]
    [InlineData("other content", "What is there is not what was signed.")]
    [InlineData("replayed", "The signature is there twice.")]
    [InlineData("malformed", "The signature is malformed.")]
    [InlineData("unsigned", "It is not signed.")]
    [InlineData("other request", "What was confirmed is not what was requested.")]
    [InlineData("alone", "One person has signed an emergency twice.")]
    [InlineData("other events", "The events are not what was reviewed.")]
    [InlineData("claimed", "The change names an emergency that is not there.")]
    public async Task what_somebody_has_forged_is_found_by_both_verifiers_and_by_notify(string forgery, string fault)
    {
        var stream = await ForgeAsync(forgery);
        var key = await Verifiers.SignAsync(host);
        foreach (var address in (string[])["audit/export", "audit/export?format=csv", $"audit/export?resource={stream}"])
            (await Verifiers.BothRefuseAsync(await FileAsync(address), key)).Should().Be(fault, address);
        (await FindingsAsync()).Should().NotBeEmpty();
    }

    /// <summary>A seal that nobody but Notify can check: it says so.</summary>
    [Fact]
    public async Task what_fits_in_all_but_its_seal_is_shown_as_bound_only_and_found_by_notify()
    {
        await AppendAsync("historyreview-forged", 1, Reviewed, await ResignedAsync("historyreview-forged", review, Reviewed, x => x["findings"] = "Nothing"));
        var key = await Verifiers.SignAsync(host);
        var (_, signatures) = await Verifiers.BothAcceptAsync(await FileAsync("audit/export?resource=historyreview-forged"), key);
        signatures.Should().ContainSingle().Which.Should().Contain("history from ");
        (await FindingsAsync()).Should().ContainSingle();

        // Nor does it help to write what stands where something was erased: of an erasure there is a record.
        const string Erased = "historyreview-erased";
        await AppendAsync(Erased, 1, Reviewed, await ResignedAsync(
            Erased, review, Reviewed, x => x["findings"] = "[erased]", x => x["displayName"] = "[erased]"));
        (await FindingsAsync()).Should().HaveCount(2).And.Contain(x => (string?)x!["streamId"] == Erased);
        (await host.GetAsync("history-reviews"))["items"]!.AsArray().Should().ContainSingle();
    }

    [Fact]
    public async Task they_hold_when_a_signer_is_erased()
    {
        foreach (var user in (await host.GetAsync("users?search=zhao.lei"))["items"]!.AsArray())
            (await host.SendAsync("DELETE", $"users/{user!["id"]}", null, "If-Match", "*")).Status.Should().Be(204);
        var erased = await host.SendAsync("POST", "audit/erasures", new { subject = "The zhao.lei", reason = "Asked for it" });
        erased.Status.Should().Be(200, erased.Text);
        (await FindingsAsync()).Should().BeEmpty();
        (await host.GetAsync("history-reviews"))["items"]!.AsArray().Select(x => (string?)x!["id"]).Should().Equal(review);
        ((string?)(await host.GetAsync($"history-reviews/{review}"))["signature"]!["displayName"]).Should().Be("[erased]");
        var (_, signatures) = await Verifiers.BothAcceptAsync(await FileAsync("audit/export"), await Verifiers.SignAsync(host));
        signatures.Should().HaveCount(4).And.NotContain(x => x.Contains("zhao", StringComparison.Ordinal));
        signatures.Where(x => x.StartsWith("reviewed by user-", StringComparison.Ordinal) && x.Contains("erased since", StringComparison.Ordinal)).Should().HaveCount(2);
    }

    /// <returns>The stream that is no more what it was.</returns>
    private async Task<string> ForgeAsync(string forgery)
    {
        const string Review = "historyreview-forged", Emergency = "emergency-forged";
        var copy = await ForgedEvents.ReadAsync(host, review, Reviewed);
        var (data, by) = (copy["data"]!.AsObject(), (string)copy["user"]!);
        switch (forgery)
        {
            case "copied":
                await AppendAsync(Review, 1, Reviewed, (data, by));
                return Review;
            case "by another":
                await AppendAsync(Review, 1, Reviewed, ((await ResignedAsync(Review, review, Reviewed)).Data, "user-other"));
                return Review;
            case "other meaning":
                await AppendAsync(Review, 1, Reviewed, await ResignedAsync(Review, review, Reviewed, inSignature: x => x["meaning"] = "approved"));
                return Review;
            case "other content":
                await AppendAsync(Review, 1, Reviewed, await ResignedAsync(Review, review, Reviewed, x => x["findings"] = "Nothing", isContentKept: true));
                return Review;
            case "replayed":
                await AppendAsync(review, 2, Reviewed, (data, by));
                return review;
            case "malformed":
                data["signature"]!.AsObject().Remove("seal");
                await AppendAsync(Review, 1, Reviewed, (data, by));
                return Review;
            case "unsigned":
                data["signature"] = null;
                await AppendAsync(Review, 1, Reviewed, (data, by));
                return Review;
            case "other request":
                await AppendAsync(Emergency, 1, Requested, await ResignedAsync(Emergency, emergency, Requested, x => x["minutes"] = 240));
                await AppendAsync(Emergency, 2, Opened, await ResignedAsync(Emergency, emergency, Opened));
                return Emergency;
            case "alone":
                var asked = await ResignedAsync(Emergency, emergency, Requested);
                await AppendAsync(Emergency, 1, Requested, asked);
                var opened = await ResignedAsync(Emergency, emergency, Opened, inSignature: x => x["signer"] = asked.By);
                await AppendAsync(Emergency, 2, Opened, (opened.Data, asked.By));
                return Emergency;
            case "other events":
                await AppendAsync(Emergency, 1, Requested, await ResignedAsync(Emergency, emergency, Requested));
                await AppendAsync(Emergency, 2, Opened, await ResignedAsync(Emergency, emergency, Opened));
                await AppendAsync(Emergency, 3, Ended, (new JsonObject { ["why"] = "ended" }, by));
                await AppendAsync(Emergency, 4, EmergencyReviewed, await ResignedAsync(Emergency, emergency, EmergencyReviewed));
                return Emergency;
            default:
                await ForgedEvents.AppendAsync(
                    host, example.MessageId, 3, "rules.message_disabled.v1", "{}", by, $$"""{"emergency":"{{Emergency}}"}""");
                return example.MessageId;
        }
    }

    private Task AppendAsync(string stream, long version, string type, (JsonObject Data, string By) e) =>
        ForgedEvents.AppendAsync(host, stream, version, type, e.Data.ToJsonString(), e.By);

    /// <summary>An event as it would be if Notify had signed it for another stream, but for the seal.</summary>
    private async Task<(JsonObject Data, string By)> ResignedAsync(
        string stream, string from, string type, Action<JsonObject>? change = null, Action<JsonObject>? inSignature = null,
        bool isContentKept = false)
    {
        var e = await ForgedEvents.ReadAsync(host, from, type);
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

    private async Task<List<JsonNode?>> FindingsAsync() =>
        [.. (await host.PostAsync("audit/verify", new { }))["findings"]!.AsArray().Where(x => (string?)x!["kind"] == "signature")];

    private Task<string> NumberAsync(string type) =>
        ForgedEvents.ScalarAsync(host, "select min(seq_id)::text from notify.mt_events where type = $1", type);

    private async Task<string> FileAsync(string address)
    {
        if (address == "receipt")
        {
            await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot", level = "Critical" } } });
            var sent = await Eventually.GetAsync(() => host.GetAsync("notifications?status=Delivered"), x => x["items"]!.AsArray().Count > 0);
            address = $"notifications/{sent["items"]![0]!["id"]}/receipt";
        }

        var extension = address.Contains("csv", StringComparison.Ordinal) ? "csv" : address.Contains("/proof/", StringComparison.Ordinal) ? "json" : "ndjson";
        var path = Path.Combine(files.FullName, $"{Guid.NewGuid():N}.{extension}");
        await File.WriteAllBytesAsync(path, await host.Client.GetByteArrayAsync(new Uri($"/api/v1/{address}", UriKind.Relative)));
        return path;
    }
}
