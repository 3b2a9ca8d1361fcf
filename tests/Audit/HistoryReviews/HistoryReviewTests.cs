using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Notify.Testing;

namespace Notify.Audit.Tests.HistoryReviews;

/// <summary>Somebody independent signs that they have read a period of the history.</summary>
public sealed class HistoryReviewTests : IAsyncLifetime
{
    private readonly MovedClock clock = new();
    private NotifyHost host = null!;
    private Browser auditor = null!;
    private Browser boss = null!;
    private DateTimeOffset from;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync(
            ["Notify:HistoryReviews:EveryDays=30", "Notify:HistoryReviews:WithinDays=10", "Notify:SignIn:LongestHours=720"],
            replace: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));
        from = clock.GetUtcNow().AddHours(-1);
        (auditor, boss) = (await host.SignedInAsync("zhao.lei", "auditor"), await host.SignedInAsync("boss", "administrator"));
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot", path = "Site1" } } });
        (await boss.SendAsync("POST", "schedules", new { name = "Nights", kind = "standard" })).Status.Should().Be(201);
        // It is decided a moment later, and the clock of these tests stands: else the decision would come into a period that was read.
        await Eventually.GetAsync(() => host.GetAsync("audit?type=rules.alarm_decided.v1"), x => x["items"]!.AsArray().Count == 1);
    }

    public async Task DisposeAsync()
    {
        auditor.Dispose();
        boss.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task a_review_is_bound_by_signature_to_the_leaves_of_all_that_was_read()
    {
        var to = clock.GetUtcNow();
        var period = await PeriodAsync(auditor, to);
        var reviewed = await ReviewAsync(auditor, to, hash: (string?)period.Body["hash"]);
        reviewed.Status.Should().Be(201, reviewed.Text);
        reviewed.Text.Should().NotContain(SigningIn.Password);
        ((string?)reviewed.Body["findings"], (string?)reviewed.Body["signature"]!["meaning"], (string?)reviewed.Body["reviewedBy"]!["name"])
            .Should().Be(("As the tickets say", "reviewed", "The zhao.lei"));
        var (entries, hash) = await RecomputeAsync(to);
        ((int)reviewed.Body["entries"]!, (string?)reviewed.Body["hash"]).Should().Be((entries, hash));
        ((int)period.Body["entries"]!, (string?)period.Body["hash"]).Should().Be((entries, hash));

        ((string?)(await host.GetAsync($"history-reviews/{reviewed.Id}"))["hash"]).Should().Be(hash);
        var list = await host.GetAsync("history-reviews");
        list["items"]!.AsArray().Select(x => (string?)x!["id"]).Should().Equal(reviewed.Id);
        list.ContainsKey("nextCursor").Should().BeTrue("it is null on the last page");
        (await host.GetAsync($"audit?resource={reviewed.Id}"))["items"]!.AsArray().Select(x => (string?)x!["type"]).Should()
            .Equal("audit.history_reviewed.v1");
        (await FindingsAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task of_a_part_of_the_period_only_that_part_is_hashed_and_the_period_stays_due()
    {
        var to = clock.GetUtcNow();
        var reviewed = await ReviewAsync(auditor, to, new { module = "alarms" });
        var (entries, hash) = await RecomputeAsync(to, "alarms.");
        ((int)reviewed.Body["entries"]!, (string?)reviewed.Body["hash"], (string?)reviewed.Body["filter"]!["module"]).Should()
            .Be((entries, hash, "alarms"), reviewed.Text);
        entries.Should().BePositive();
        ((int)(await ReviewAsync(auditor, to, new { type = "rules.schedule_created.v1", actor = "The boss" })).Body["entries"]!).Should().Be(1);
        ((int)(await ReviewAsync(auditor, to, new { resource = "rule" })).Body["entries"]!).Should().Be(0);
        clock.Advance(TimeSpan.FromDays(31));
        (await DueAsync()).Should().HaveCount(1);
    }

    [Fact]
    public async Task who_did_something_in_the_period_is_not_independent()
    {
        var to = clock.GetUtcNow();
        var own = await ReviewAsync(boss, to);
        own.Status.Should().Be(403, own.Text);
        own.Detail.Should().MatchRegex("^The reviewer must be independent: the entry [0-9]+ of this period is your own action.$");
        var sequence = (long)(await PeriodAsync(boss, to)).Body["ownSequence"]!;
        (await host.GetAsync("audit?type=rules.schedule_created.v1&actor=The%20boss"))["items"]![0]!["sequence"]!.GetValue<long>().Should().Be(sequence);
        (await ReviewAsync(boss, to, new { module = "alarms" })).Status.Should().Be(201, "of the alarms they did nothing");
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
        (await ReviewAsync(boss, clock.GetUtcNow(), begin: between)).Status.Should().Be(403);
        (await PeriodAsync(auditor, clock.GetUtcNow(), between)).Body["ownSequence"].Should().BeNull();
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
        (await ReviewAsync(auditor, clock.GetUtcNow())).Status.Should().Be(201);
        (await ReviewAsync(auditor, clock.GetUtcNow())).Status.Should().Be(201, "a review is no deed either");
    }

    [Fact]
    public async Task what_is_not_what_was_read_is_refused()
    {
        var to = clock.GetUtcNow();
        var hash = (string?)(await PeriodAsync(auditor, to)).Body["hash"];
        (await host.ChangeAsync("update notify.audit_leaves set hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 1) where first = 0")).Should().Be(1);
        var stale = await ReviewAsync(auditor, to, hash: hash);
        (stale.Status, stale.Detail).Should().Be((409, "The history of this period is not what you have read: its hash is different. Read it again."));
        (await host.ChangeAsync("delete from notify.audit_leaves where first = 0")).Should().Be(1);
        (await ReviewAsync(auditor, to)).Status.Should().Be(409, "what has no leaf is not signed");
    }

    [Fact]
    public async Task a_review_needs_a_person_who_signs_and_findings_and_a_period_in_the_past()
    {
        var to = clock.GetUtcNow();
        using var key = await host.ClientOfRoleAsync("auditor");
        var body = new { from, to, findings = "Fine", signature = new { password = SigningIn.Password } };
        (await key.SendToAsync("POST", "history-reviews", body)).Status.Should().Be(403);
        var unsigned = await auditor.SendAsync("POST", "history-reviews", new { from, to, findings = "Fine" });
        (unsigned.Status, string.Join(',', unsigned.Faults)).Should().Be((400, "signature"));
        var wrong = await auditor.SendAsync(
            "POST", "history-reviews", new { from, to, findings = "Fine", signature = new { password = "not the password of anybody" } });
        (wrong.Status, wrong.Detail).Should().Be((403, "The password is wrong."));
        var silent = await auditor.SendAsync("POST", "history-reviews", new { from, to, findings = " ", signature = new { password = SigningIn.Password } });
        (silent.Status, string.Join(',', silent.Faults)).Should().Be((400, "findings"));
        var future = await ReviewAsync(auditor, clock.GetUtcNow().AddHours(1));
        (future.Status, string.Join(',', future.Faults)).Should().Be((400, "to"));
        using var engineer = await host.SignedInAsync("eng", "engineer");
        (await ReviewAsync(engineer, to)).Status.Should().Be(403);
        (await host.GetAsync("history-reviews"))["items"]!.AsArray().Should().BeEmpty();
    }

    [Fact]
    public async Task what_nobody_has_read_in_time_is_an_alarm_until_somebody_has()
    {
        (await DueAsync()).Should().BeEmpty();
        clock.Advance(TimeSpan.FromDays(31));
        (await DueAsync()).Select(x => (bool)x!["isOverdue"]!).Should().Equal(false);
        clock.Advance(TimeSpan.FromDays(10));
        var due = await DueAsync();
        due.Select(x => (bool)x!["isOverdue"]!).Should().Equal(true);
        await AlarmAsync("ActiveUnacked");
        await auditor.SignInAsync("zhao.lei", SigningIn.Password);
        var body = new
        {
            from = (string?)due[0]!["from"],
            to = (string?)due[0]!["to"],
            findings = "As the tickets say",
            signature = new { password = SigningIn.Password },
        };
        var reviewed = await auditor.SendAsync("POST", "history-reviews", body);
        reviewed.Status.Should().Be(201, reviewed.Text);
        (await DueAsync()).Should().BeEmpty();
        await AlarmAsync("ClearedUnacked");

        var reader = (await host.GetAsync("users?search=zhao.lei"))["items"]![0]!["id"];
        (await host.SendAsync("DELETE", $"users/{reader}", null, "If-Match", "*")).Status.Should().Be(204);
        (await host.SendAsync("POST", "audit/erasures", new { subject = "The zhao.lei", reason = "Asked for it" })).Status.Should().Be(200);
        (await DueAsync()).Should().BeEmpty("it was read, whoever has read it");
    }

    [Theory]
    [InlineData("'{findings}', '\"Nothing at all\"'")]
    [InlineData("'{hash}', '\"00\"'")]
    [InlineData("'{signature,signer}', '\"user-other\"'")]
    public async Task a_review_that_was_altered_counts_no_more_and_is_found(string forgery)
    {
        var reviewed = await ReviewAsync(auditor, clock.GetUtcNow());
        reviewed.Status.Should().Be(201, reviewed.Text);
        (await host.ChangeAsync($"update notify.mt_events set data = jsonb_set(data, {forgery}) where stream_id = '{reviewed.Id}'")).Should().Be(1);
        (await host.GetAsync("history-reviews"))["items"]!.AsArray().Should().BeEmpty();
        (await FindingsAsync()).Should().ContainSingle();
    }

    private Task<RestAnswer> ReviewAsync(Browser by, DateTimeOffset to, object? filter = null, string? hash = null, DateTimeOffset? begin = null) =>
        by.SendAsync("POST", "history-reviews", new
        {
            from = begin ?? from,
            to,
            filter = filter ?? new { },
            hash,
            findings = "As the tickets say",
            signature = new { password = SigningIn.Password, meaning = "reviewed" },
        });

    private Task<RestAnswer> PeriodAsync(Browser by, DateTimeOffset to, DateTimeOffset? begin = null) => by.SendAsync(
        "GET", $"history-reviews/period?from={Uri.EscapeDataString((begin ?? from).ToString("O"))}&to={Uri.EscapeDataString(to.ToString("O"))}");

    private async Task<JsonArray> DueAsync() => (await host.GetAsync("history-reviews/due"))["items"]!.AsArray();

    /// <summary>From each entry's proof, as somebody does who does not trust the answer.</summary>
    private async Task<(int Entries, string Hash)> RecomputeAsync(DateTimeOffset to, string type = "")
    {
        var entries = (await host.Client.GetAllFromAsync($"audit?from={Uri.EscapeDataString(from.ToString("O"))}&to={Uri.EscapeDataString(to.ToString("O"))}"))
            .Where(x => ((string)x["type"]!).StartsWith(type, StringComparison.Ordinal)).ToList();
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var entry in entries)
            digest.AppendData(Convert.FromHexString((string)(await host.GetAsync($"audit/proof/{entry["sequence"]}"))["leafHash"]!));
        return (entries.Count, Convert.ToHexStringLower(digest.GetHashAndReset()));
    }

    private Task<JsonObject> AlarmAsync(string state) =>
        Eventually.GetAsync(() => host.GetAsync($"alarms?path=Notify/Audit/Review&state={state}"), x => x["items"]!.AsArray().Count == 1);

    private async Task<List<string>> FindingsAsync() =>
        [.. (await host.PostAsync("audit/verify", new { }))["findings"]!.AsArray().Where(x => (string?)x!["kind"] == "signature").Select(x => x!.ToJsonString())];
}
