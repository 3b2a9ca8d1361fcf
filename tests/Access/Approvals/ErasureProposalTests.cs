using Microsoft.Extensions.DependencyInjection;
using Notify.Testing;
using Npgsql;

namespace Notify.Access.Tests.Approvals;

/// <summary>Erasing personal data can need a second person, who must know whom it is about; on record nothing of that may stay.</summary>
public sealed class ErasureProposalTests(ApprovalHost shared) : IClassFixture<ApprovalHost>, IAsyncLifetime
{
    private const string Secrets = "select count(*) from notify.secret where ref like 'credential-%'";

    private readonly string subject = SharedHost.NewName();
    private ApprovalHost? own;
    private long secretsBefore;

    private NotifyHost Host => (own ?? shared).Host;
    private HttpClient Author => (own ?? shared).Author;
    private HttpClient Approver => (own ?? shared).Approver;

    public async Task InitializeAsync()
    {
        secretsBefore = await CountAsync(Secrets);
        var alarm = new { name = SharedHost.NewName(), description = $"{subject} knows it", ackUser = subject };
        await Host.PostAsync("alarms", new { alarms = new[] { alarm } });
        (await Host.SendAsync(
            "PUT", "approval-policy", new { kinds = new[] { "erasure" }, reason = "required", reasonKinds = new[] { "erasure" } }, "If-Match", "*"))
            .Status.Should().Be(200);
    }

    public Task DisposeAsync() => own?.DisposeAsync() ?? shared.EndApprovalsAsync();

    /// <summary>For what another test would meet with.</summary>
    private async Task OnAHostOfItsOwnAsync()
    {
        await shared.EndApprovalsAsync();
        own = new ApprovalHost();
        await own.InitializeAsync();
        await InitializeAsync();
    }

    [Fact]
    public async Task it_waits_until_somebody_who_is_shown_the_text_approves_and_then_it_is_gone_everywhere()
    {
        var proposed = await AskAsync();
        (proposed.Status, (string?)proposed.Body["state"]).Should().Be((202, "Open"), proposed.Text);
        proposed.Text.Should().NotContain(subject);
        (await EventsWithAsync("true")).Should().Be(1, "only the alarm's report has it");
        (await NewSecretsAsync()).Should().Be(1);
        ((string?)(await Approver.GetFromAsync($"proposals/{proposed.Id}"))["subject"]).Should().Be(subject);
        (await Approver.GetFromAsync("proposals")).ToJsonString().Should().NotContain(subject);

        (await Approver.SendToAsync("POST", $"proposals/{proposed.Id}/approve")).Status.Should().Be(200);
        (await EventsWithAsync("true")).Should().Be(0);
        (await NewSecretsAsync()).Should().Be(0);
        (await Approver.GetFromAsync($"proposals/{proposed.Id}")).ContainsKey("subject").Should().BeFalse();
        var entry = (await Host.GetAsync("audit?type=audit.personal_data_erased.v1&order=desc&limit=1"))["items"]![0]!;
        ((string?)entry["approvedBy"]!["proposal"], (string?)entry["data"]!["reason"]).Should().Be((proposed.Id, "Asked for it"));
        (await Host.PostAsync("audit/verify", new { }))["findings"]!.AsArray().Should().BeEmpty();
    }

    [Fact]
    public async Task who_may_not_erase_neither_sees_the_text_nor_approves()
    {
        var id = (await AskAsync()).Id;
        using var engineer = await Host.ClientOfKeyAsync(new
        {
            name = "checks",
            permissions = new[] { "configuration.read", "configuration.approve", "history.read" },
        });
        (await engineer.GetFromAsync($"proposals/{id}")).ToJsonString().Should().NotContain(subject);
        var refused = await engineer.SendToAsync("POST", $"proposals/{id}/approve");
        (refused.Status, refused.Detail).Should().Be((403, "This requires the permission personal.erase."));
        (await Author.SendToAsync("POST", $"proposals/{id}/approve")).Status.Should().Be(403);
        (await EventsWithAsync("true")).Should().Be(1);
    }

    [Fact]
    public async Task one_that_was_proposed_before_the_policy_was_emptied_is_approved_on_record_all_the_same()
    {
        var id = (await AskAsync()).Id;
        var emptied = await Author.SendToAsync(
            "PUT", "approval-policy", new { kinds = Array.Empty<string>(), reason = "optional" }, "If-Match", "*", "X-Change-Reason", "One person left");
        (await Approver.SendToAsync("POST", $"proposals/{emptied.Id}/approve")).Status.Should().Be(200, emptied.Text);

        var approved = await Approver.SendToAsync("POST", $"proposals/{id}/approve");
        (approved.Status, (string?)approved.Body["state"]).Should().Be((200, "Approved"), approved.Text);
        (await EventsWithAsync("true")).Should().Be(0);
        (await NewSecretsAsync()).Should().Be(0);
        (await Host.PostAsync("audit/verify", new { }))["findings"]!.AsArray().Should().BeEmpty();
    }

    [Fact]
    public async Task of_several_who_approve_at_once_one_does_and_the_others_learn_so()
    {
        await OnAHostOfItsOwnAsync();
        await Host.PostAsync("api-keys", new { name = "A", roles = new[] { "viewer" } });
        var hold = (await Author.SendToAsync("PUT", "approval-policy", new { kinds = new[] { "hold" } }, "If-Match", "*", "X-Change-Reason", "x")).Id;
        (await Approver.SendToAsync("POST", $"proposals/{hold}/approve")).Status.Should().Be(200);
        var proposed = await Author.SendToAsync("POST", "audit/holds", new { name = "Incident", reason = "Asked for", from = "2026-01-01T00:00:00Z" });
        proposed.Status.Should().Be(202, proposed.Text);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Approver.SendToAsync("POST", $"proposals/{proposed.Id}/approve")));
        answers.Select(x => x.Status).Should().OnlyContain(x => x == 200 || x == 409, string.Join('\n', answers.Select(x => x.Text)));
        answers.Count(x => x.Status == 200).Should().Be(1);
    }

    [Theory]
    [InlineData("reject")]
    [InlineData("withdraw")]
    public async Task a_text_that_is_not_erased_is_forgotten_all_the_same(string end)
    {
        var id = (await AskAsync()).Id;
        (await (end == "reject" ? Approver : Author).SendToAsync("POST", $"proposals/{id}/{end}")).Status.Should().Be(200);
        (await NewSecretsAsync()).Should().Be(0);
        (await EventsWithAsync("true")).Should().Be(1);
        (await Approver.SendToAsync("POST", $"proposals/{id}/approve")).Status.Should().Be(409);
    }

    [Fact]
    public async Task what_does_not_fit_is_refused_at_once_and_a_repeat_is_the_same_proposal()
    {
        var before = await Host.Client.GetAllFromAsync("proposals");
        var message = await Host.PostAsync("messages", new { type = "wecom", name = "Text", format = "text", content = "{name}", description = $"For {subject}" });
        (await AskAsync()).Status.Should().Be(409);
        (await Host.SendAsync("DELETE", $"messages/{message["id"]}", null, "If-Match", "*")).Status.Should().Be(204);
        (await Author.SendToAsync("POST", "audit/erasures", new { subject, reason = $"{subject} asked" })).Status.Should().Be(400);
        (await Host.Client.GetAllFromAsync("proposals")).Should().HaveCount(before.Count);

        var (first, again) = (await AskAsync("Idempotency-Key", "one"), await AskAsync("Idempotency-Key", "one"));
        (first.Status, again.Status, again.Id).Should().Be((202, 202, first.Id));
        (await NewSecretsAsync()).Should().Be(1);
    }

    [Fact]
    public async Task an_approver_whose_record_would_have_the_text_is_refused_and_the_proposal_stays()
    {
        var id = (await AskAsync()).Id;
        using var namesake = await Host.ClientOfKeyAsync(new { name = subject, roles = new[] { "administrator" } });
        // A key by that name is configuration, too: it goes before the erasure.
        var refused = await namesake.SendToAsync("POST", $"proposals/{id}/approve");
        refused.Status.Should().BeOneOf(400, 409);
        var withReason = await Approver.SendToAsync("POST", $"proposals/{id}/approve", new { reason = $"{subject} asked" });
        withReason.Status.Should().Be(400, withReason.Text);
        (await EventsWithAsync("type = 'access.proposal_approved.v1'")).Should().Be(0);
        ((string?)(await Host.GetAsync($"proposals/{id}"))["state"]).Should().Be("Open");
    }

    [Fact]
    public async Task a_proposal_that_somebody_has_led_to_another_text_is_not_made()
    {
        await OnAHostOfItsOwnAsync();
        var (id, other) = ((await AskAsync()).Id, (await Author.SendToAsync("POST", "audit/erasures", new { subject = "Pump", reason = "x" })).Id);
        (await Host.ChangeAsync(
            $"""
            update notify.mt_events e set data = jsonb_set(e.data, '{"{input,subject}"}', o.data->'input'->'subject')
            from notify.mt_events o where e.stream_id = '{id}' and o.stream_id = '{other}' and e.version = 1 and o.version = 1
            """)).Should().Be(1);
        (await Approver.SendToAsync("POST", $"proposals/{id}/approve")).Status.Should().Be(409);
        (await EventsWithAsync("true")).Should().Be(1);
    }

    private Task<RestAnswer> AskAsync(params string[] headers) =>
        Author.SendToAsync("POST", "audit/erasures", new { subject, reason = "Asked for it" }, headers);

    private Task<long> EventsWithAsync(string condition) => CountAsync(
        $"select count(*) from notify.mt_events where {condition} and (data::text ilike '%{subject}%' or headers::text ilike '%{subject}%')");

    private async Task<long> NewSecretsAsync() => await CountAsync(Secrets) - secretsBefore;

    private async Task<long> CountAsync(string sql)
    {
        await using var command = Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
