using Notify.Testing;

namespace Notify.Audit.Tests.HistoryReviews;

/// <summary>Reviews after a month, and of what was changed: each of a history of its own.</summary>
public sealed class PeriodsDueTests : IAsyncLifetime
{
    private readonly ReviewedHistory plant = new();

    public Task InitializeAsync() => plant.InitializeAsync();

    public Task DisposeAsync() => plant.DisposeAsync();

    [Fact]
    public async Task of_a_part_of_the_period_only_that_part_is_hashed_and_the_period_stays_due()
    {
        var to = plant.Clock.GetUtcNow();
        var reviewed = await plant.ReviewAsync(plant.Auditor, to, new { module = "alarms" });
        var (entries, hash) = await plant.RecomputeAsync(to, "alarms.");
        ((int)reviewed.Body["entries"]!, (string?)reviewed.Body["hash"], (string?)reviewed.Body["filter"]!["module"]).Should()
            .Be((entries, hash, "alarms"), reviewed.Text);
        entries.Should().BePositive();
        ((int)(await plant.ReviewAsync(plant.Auditor, to, new { type = "rules.schedule_created.v1", actor = "The boss" })).Body["entries"]!).Should().Be(1);
        ((int)(await plant.ReviewAsync(plant.Auditor, to, new { resource = "rule" })).Body["entries"]!).Should().Be(0);
        plant.Clock.Advance(TimeSpan.FromDays(31));
        (await plant.DueAsync()).Should().HaveCount(1);
    }

    [Fact]
    public async Task what_is_not_what_was_read_is_refused()
    {
        var to = plant.Clock.GetUtcNow();
        var hash = (string?)(await plant.PeriodAsync(plant.Auditor, to)).Body["hash"];
        (await plant.Host.ChangeAsync("update notify.audit_leaves set hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 1) where first = 0")).Should().Be(1);
        var stale = await plant.ReviewAsync(plant.Auditor, to, hash: hash);
        (stale.Status, stale.Detail).Should().Be((409, "The history of this period is not what you have read: its hash is different. Read it again."));
        (await plant.Host.ChangeAsync("delete from notify.audit_leaves where first = 0")).Should().Be(1);
        (await plant.ReviewAsync(plant.Auditor, to)).Status.Should().Be(409, "what has no leaf is not signed");
    }

    [Fact]
    public async Task what_nobody_has_read_in_time_is_an_alarm_until_somebody_has()
    {
        (await plant.DueAsync()).Should().BeEmpty();
        plant.Clock.Advance(TimeSpan.FromDays(31));
        (await plant.DueAsync()).Select(x => (bool)x!["isOverdue"]!).Should().Equal(false);
        plant.Clock.Advance(TimeSpan.FromDays(10));
        var due = await plant.DueAsync();
        due.Select(x => (bool)x!["isOverdue"]!).Should().Equal(true);
        await plant.AlarmAsync("ActiveUnacked");
        await plant.Auditor.SignInAsync("zhao.lei", SigningIn.Password);
        var body = new
        {
            from = (string?)due[0]!["from"],
            to = (string?)due[0]!["to"],
            findings = "As the tickets say",
            signature = new { password = SigningIn.Password },
        };
        var reviewed = await plant.Auditor.SendAsync("POST", "history-reviews", body);
        reviewed.Status.Should().Be(201, reviewed.Text);
        (await plant.DueAsync()).Should().BeEmpty();
        await plant.AlarmAsync("ClearedUnacked");

        var reader = (await plant.Host.GetAsync("users?search=zhao.lei"))["items"]![0]!["id"];
        (await plant.Host.SendAsync("DELETE", $"users/{reader}", null, "If-Match", "*")).Status.Should().Be(204);
        (await plant.Host.SendAsync("POST", "audit/erasures", new { subject = "The zhao.lei", reason = "Asked for it" })).Status.Should().Be(200);
        (await plant.DueAsync()).Should().BeEmpty("it was read, whoever has read it");
    }
}
