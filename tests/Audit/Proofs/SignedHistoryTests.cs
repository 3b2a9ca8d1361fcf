using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Audit.Tests.Proofs;

/// <summary>
/// What people have signed is shown with what it approved, and proven by who has only a file and the public key: here by both verifiers. What
/// somebody else has written as Notify would, so that the log has taken it in, is found by them all the same.
/// </summary>
public sealed class SignedHistoryTests(SignedChanges plant) : IClassFixture<SignedChanges>
{
    private readonly NotifyHost host = plant.Host;

    [Fact]
    public async Task whatever_leaves_notify_proves_who_has_signed_what_of_it()
    {
        var key = await Verifiers.SignAsync(host);
        foreach (var (address, count) in new[]
        {
            ("audit/export", 3), ("audit/export?format=csv", 3), ("audit/export?resource=MESSAGE", 2), ("audit/export?resource=message", 2),
            ("audit/export?from=FROM", 3), ("audit/export?resource=user", 0), ("audit/proof/CHANGE", 2), ("audit/proof/APPROVAL", 2), ("receipt", 2),
        })
        {
            var (_, signatures) = await Verifiers.BothAcceptAsync(await plant.FileAsync(address), key);
            signatures.Should().HaveCount(count, address);
            if (count == 0) continue;
            signatures.Where(x => x.Contains(plant.Made, StringComparison.Ordinal)).Select(x => x[..x.IndexOf(" (user-", StringComparison.Ordinal)])
                .Should().Equal(["proposed by The li.na", "approved by The wang.wei"], address);
            signatures.Should().OnlyContain(x => x.Contains("with a password: replace message \"Alarm text\"", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task an_approved_change_shows_what_was_signed_wherever_it_is_read()
    {
        var proposal = await host.GetAsync($"proposals/{plant.Made}");
        var signed = proposal["signatures"]!.ToJsonString();
        var item = (await host.GetAsync($"messages/{plant.Example.MessageId}/history"))["items"]![0]!;
        var entry = (await host.GetAsync($"audit?resource={plant.Example.MessageId}&order=desc&limit=1"))["items"]![0]!;
        foreach (var approvedBy in (JsonNode[])[item["approvedBy"]!, entry["approvedBy"]!])
        {
            ((string?)approvedBy["name"], (string?)approvedBy["proposal"]).Should().Be(("The wang.wei", plant.Made));
            approvedBy["signatures"]!.ToJsonString().Should().Be(signed);
        }

        signed.Should().NotContain(SigningIn.Password);
        proposal["signatures"]!.AsArray().Select(x => (string?)x!["meaning"]).Should().Equal("proposed", "approved");
    }

    [Fact]
    public async Task a_file_with_a_changed_signature_is_refused()
    {
        var key = await Verifiers.SignAsync(host);
        var path = await plant.FileAsync("audit/proof/APPROVAL");
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path)).Replace("The wang.wei", "The li.si", StringComparison.Ordinal));
        (await Verifiers.BothRefuseAsync(path, key)).Should().Be("The entry is not the one that is proved.");
        await File.WriteAllTextAsync(path, "{\"checkpoint\":7}");
        (await Verifiers.PythonAsync(Path.Combine(Verifiers.Tools, "notify_verify.py"), path, "--key", key.ToString())).Code.Should().Be(1);
        Verifiers.Check(await File.ReadAllBytesAsync(path), path, key).Fault.Should().NotBeNull();
    }

    [Fact]
    public async Task the_report_of_a_review_says_who_approved_a_change_and_has_signed_it()
    {
        var now = TimeProvider.System.GetUtcNow();
        var replay = (string)(await host.PostAsync(
            "replays", new { mode = "review", from = now.AddHours(-1), to = now.AddMinutes(1), reason = "x" }))["id"]!;
        await Eventually.GetAsync(() => host.GetAsync($"replays/{replay}"), x => (string?)x["status"] == "Completed");
        var json = JsonNode.Parse(await host.Client.GetStringAsync(new Uri($"/api/v1/replays/{replay}/report", UriKind.Relative)))!;
        var approved = json["timeline"]!.AsArray().Single(x => x!["approvedBy"] is not null)!;
        ((string?)approved["resource"], (string?)approved["approvedBy"]!["proposal"]).Should().Be((plant.Example.MessageId, plant.Made));
        approved["approvedBy"]!["signatures"]!.AsArray().Select(x => (string?)x!["displayName"]).Should().Equal("The li.na", "The wang.wei");
        foreach (var (language, text) in new[] { ("en", "approved by The wang.wei, signed by The li.na (proposed"), ("zh", "批准人：The wang.wei，签名：The li.na（提交") })
        {
            (await host.Client.GetStringAsync(new Uri($"/api/v1/replays/{replay}/report?format=html&lang={language}", UriKind.Relative)))
                .Should().Contain(text);
        }
    }
}
