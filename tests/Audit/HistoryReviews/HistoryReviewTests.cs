using Notify.Testing;

namespace Notify.Audit.Tests.HistoryReviews;

/// <summary>Somebody independent signs that they have read a period of the history.</summary>
public sealed class HistoryReviewTests(ReviewedHistory plant) : IClassFixture<ReviewedHistory>
{
    private readonly MovedClock clock = plant.Clock;
    private readonly NotifyHost host = plant.Host;
    private readonly Browser auditor = plant.Auditor;
    private readonly Browser boss = plant.Boss;

    [Fact]
    public async Task a_review_is_bound_by_signature_to_the_leaves_of_all_that_was_read()
    {
        var before = await plant.ReviewsAsync();
        var to = clock.GetUtcNow();
        var period = await plant.PeriodAsync(auditor, to);
        var reviewed = await plant.ReviewAsync(auditor, to, hash: (string?)period.Body["hash"]);
        reviewed.Status.Should().Be(201, reviewed.Text);
        reviewed.Text.Should().NotContain(SigningIn.Password);
        ((string?)reviewed.Body["findings"], (string?)reviewed.Body["signature"]!["meaning"], (string?)reviewed.Body["reviewedBy"]!["name"])
            .Should().Be(("As the tickets say", "reviewed", "The zhao.lei"));
        var (entries, hash) = await plant.RecomputeAsync(to);
        ((int)reviewed.Body["entries"]!, (string?)reviewed.Body["hash"]).Should().Be((entries, hash));
        ((int)period.Body["entries"]!, (string?)period.Body["hash"]).Should().Be((entries, hash));

        ((string?)(await host.GetAsync($"history-reviews/{reviewed.Id}"))["hash"]).Should().Be(hash);
        var list = await host.GetAsync("history-reviews");
        list["items"]!.AsArray().Select(x => (string?)x!["id"]).Should().BeEquivalentTo([.. before, reviewed.Id]);
        list.ContainsKey("nextCursor").Should().BeTrue("it is null on the last page");
        (await host.GetAsync($"audit?resource={reviewed.Id}"))["items"]!.AsArray().Select(x => (string?)x!["type"]).Should()
            .Equal("audit.history_reviewed.v1");
        (await plant.FindingsAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task who_did_something_in_the_period_is_not_independent()
    {
        var to = clock.GetUtcNow();
        var own = await plant.ReviewAsync(boss, to);
        own.Status.Should().Be(403, own.Text);
        own.Detail.Should().MatchRegex("^The reviewer must be independent: the entry [0-9]+ of this period is your own action.$");
        var sequence = (long)(await plant.PeriodAsync(boss, to)).Body["ownSequence"]!;
        (await host.GetAsync("audit?type=rules.schedule_created.v1&actor=The%20boss"))["items"]![0]!["sequence"]!.GetValue<long>().Should().Be(sequence);
        (await plant.ReviewAsync(boss, to, new { module = "alarms" })).Status.Should().Be(201, "of the alarms they did nothing");
    }

    [Fact]
    public async Task nor_is_who_did_it_with_a_key_of_theirs()
    {
        var start = clock.GetUtcNow();
        var made = await boss.SendAsync("POST", "api-keys", new { name = "Script", roles = new[] { "administrator" } });
        using var key = host.ClientWith((string)made.Body["key"]!);
        clock.Advance(TimeSpan.FromMinutes(10));
        var between = clock.GetUtcNow();
        await key.PostToAsync("schedules", new { name = "Made by a script", kind = "standard" });
        clock.Advance(TimeSpan.FromSeconds(1));
        (await plant.ReviewAsync(boss, clock.GetUtcNow(), begin: between)).Status.Should().Be(403);
        (await plant.PeriodAsync(auditor, clock.GetUtcNow(), between)).Body["ownSequence"].Should().BeNull();
        start.Should().BeBefore(between);
    }

    [Fact]
    public async Task reading_exporting_and_signing_in_leave_a_reader_independent()
    {
        await auditor.SendAsync("POST", "audit/verify", new { });
        await auditor.SendRawAsync("GET", "/api/v1/audit/export", null, "Sec-Fetch-Site", "same-origin");
        await auditor.SendAsync("POST", "session/password", new { password = SigningIn.Password, newPassword = "marble onion window forest" });
        await auditor.SendAsync("POST", "session/password", new { password = "marble onion window forest", newPassword = SigningIn.Password });
        (await auditor.SendAsync("POST", "rules", new { })).Status.Should().Be(403);
        clock.Advance(TimeSpan.FromSeconds(5));
        (await plant.ReviewAsync(auditor, clock.GetUtcNow())).Status.Should().Be(201);
        (await plant.ReviewAsync(auditor, clock.GetUtcNow())).Status.Should().Be(201, "a review is no deed either");
    }

    [Fact]
    public async Task a_review_needs_a_person_who_signs_and_findings_and_a_period_in_the_past()
    {
        var before = await plant.ReviewsAsync();
        var to = clock.GetUtcNow();
        using var key = await host.ClientOfRoleAsync("auditor");
        var from = plant.From;
        var body = new { from, to, findings = "Fine", signature = new { password = SigningIn.Password } };
        (await key.SendToAsync("POST", "history-reviews", body)).Status.Should().Be(403);
        var unsigned = await auditor.SendAsync("POST", "history-reviews", new { from, to, findings = "Fine" });
        (unsigned.Status, string.Join(',', unsigned.Faults)).Should().Be((400, "signature"));
        var wrong = await auditor.SendAsync(
            "POST", "history-reviews", new { from, to, findings = "Fine", signature = new { password = "not the password of anybody" } });
        (wrong.Status, wrong.Detail).Should().Be((403, "The password is wrong."));
        var silent = await auditor.SendAsync("POST", "history-reviews", new { from, to, findings = " ", signature = new { password = SigningIn.Password } });
        (silent.Status, string.Join(',', silent.Faults)).Should().Be((400, "findings"));
        var future = await plant.ReviewAsync(auditor, clock.GetUtcNow().AddHours(1));
        (future.Status, string.Join(',', future.Faults)).Should().Be((400, "to"));
        using var engineer = await host.SignedInAsync("eng", "engineer");
        (await plant.ReviewAsync(engineer, to)).Status.Should().Be(403);
        (await plant.ReviewsAsync()).Should().Equal(before);
    }
}
