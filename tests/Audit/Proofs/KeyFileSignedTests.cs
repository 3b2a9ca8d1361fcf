using Notify.Testing;
using static Notify.Audit.Tests.Proofs.SignedEmergency;

namespace Notify.Audit.Tests.Proofs;

/// <summary>
/// Signatures that are part of what they sign, of emergencies and of reviews of the history: who has only a file and the public key cannot tell who
/// made them, but that each is of just what it stands with. What somebody else has written as Notify would is found by both verifiers, as far as that
/// goes.
/// </summary>
public sealed class KeyFileSignedTests : IAsyncLifetime
{
    private readonly SignedEmergency plant = new();

    public Task InitializeAsync() => plant.InitializeAsync();

    public Task DisposeAsync() => plant.DisposeAsync();

    [Fact]
    public async Task whatever_leaves_notify_shows_that_they_are_of_what_they_stand_with()
    {
        var key = await Verifiers.SignAsync(plant.Host);
        string[] all = ["requested by The li.na", "confirmed by The boss", "reviewed by The zhao.lei"];
        foreach (var (address, expected) in new[]
        {
            ("audit/export", [.. all, "reviewed by The zhao.lei"]), ("audit/export?format=csv", [.. all, "reviewed by The zhao.lei"]),
            ($"audit/export?resource={plant.Example.MessageId}", all), ($"audit/export?resource={plant.Emergency}", all),
            ($"audit/export?resource={plant.Review}", ["reviewed by The zhao.lei"]), ($"audit/proof/{await plant.NumberAsync("rules.message_changed.v1")}", all),
            ($"audit/proof/{await plant.NumberAsync(EmergencyReviewed)}", all), ("receipt", all), ("audit/export?resource=service", Array.Empty<string>()),
        })
        {
            var (_, signatures) = await Verifiers.BothAcceptAsync(await plant.Files.FileAsync(address), key);
            signatures.Select(x => x[..x.IndexOf(" (user-", StringComparison.Ordinal)]).Should().Equal(expected, address);
        }
    }

    /// <summary>A seal that nobody but Notify can check: it says so.</summary>
    [Fact]
    public async Task what_fits_in_all_but_its_seal_is_shown_as_bound_only_and_found_by_notify()
    {
        await plant.AppendAsync("historyreview-forged", 1, Reviewed, await plant.ResignedAsync("historyreview-forged", plant.Review, Reviewed, x => x["findings"] = "Nothing"));
        var key = await Verifiers.SignAsync(plant.Host);
        var (_, signatures) = await Verifiers.BothAcceptAsync(await plant.Files.FileAsync("audit/export?resource=historyreview-forged"), key);
        signatures.Should().ContainSingle().Which.Should().Contain("history from ");
        (await plant.FindingsAsync()).Should().ContainSingle();

        // Nor does it help to write what stands where something was erased: of an erasure there is a record.
        const string Erased = "historyreview-erased";
        await plant.AppendAsync(Erased, 1, Reviewed, await plant.ResignedAsync(
            Erased, plant.Review, Reviewed, x => x["findings"] = "[erased]", x => x["displayName"] = "[erased]"));
        (await plant.FindingsAsync()).Should().HaveCount(2).And.Contain(x => (string?)x!["streamId"] == Erased);
        (await plant.Host.GetAsync("history-reviews"))["items"]!.AsArray().Should().ContainSingle();
    }

    [Fact]
    public async Task they_hold_when_a_signer_is_erased()
    {
        foreach (var user in (await plant.Host.GetAsync("users?search=zhao.lei"))["items"]!.AsArray())
            (await plant.Host.SendAsync("DELETE", $"users/{user!["id"]}", null, "If-Match", "*")).Status.Should().Be(204);
        var erased = await plant.Host.SendAsync("POST", "audit/erasures", new { subject = "The zhao.lei", reason = "Asked for it" });
        erased.Status.Should().Be(200, erased.Text);
        (await plant.FindingsAsync()).Should().BeEmpty();
        (await plant.Host.GetAsync("history-reviews"))["items"]!.AsArray().Select(x => (string?)x!["id"]).Should().Equal(plant.Review);
        ((string?)(await plant.Host.GetAsync($"history-reviews/{plant.Review}"))["signature"]!["displayName"]).Should().Be("[erased]");
        var (_, signatures) = await Verifiers.BothAcceptAsync(await plant.Files.FileAsync("audit/export"), await Verifiers.SignAsync(plant.Host));
        signatures.Should().HaveCount(4).And.NotContain(x => x.Contains("zhao", StringComparison.Ordinal));
        signatures.Where(x => x.StartsWith("reviewed by user-", StringComparison.Ordinal) && x.Contains("erased since", StringComparison.Ordinal)).Should().HaveCount(2);
    }
}
