using Notify.Testing;

namespace Notify.Access.Tests.Approvals;

/// <summary>People who sign what they propose and approve.</summary>
public sealed class SignatureTests(SignersHost shared) : IClassFixture<SignersHost>, IAsyncLifetime
{
    private readonly NotifyHost host = shared.Host;
    private readonly Browser author = shared.Boss;
    private readonly Browser approver = shared.Chief;
    private string messageId = null!;

    public async Task InitializeAsync() =>
        messageId = (string)(await host.PostAsync("messages", new { type = "wecom", name = SharedHost.NewName(), content = "x" }))["id"]!;

    public Task DisposeAsync() => shared.EndApprovalsAsync();

    [Fact]
    public async Task who_approves_signs_and_the_signature_is_bound_to_what_was_signed()
    {
        var id = await ProposeAsync("approver");
        var without = await approver.SendAsync("POST", $"proposals/{id}/approve", new { reason = "Read" });
        (without.Status, string.Join(',', without.Faults)).Should().Be((400, "signature"));
        var wrong = await ApproveAsync(id, "not the password of anybody");
        (wrong.Status, wrong.Detail).Should().Be((403, "The password is wrong."));
        (await StatusAsync()).Should().Be("enabled");

        var approved = await ApproveAsync(id, SigningIn.Password);
        approved.Status.Should().Be(200, approved.Text);
        (await StatusAsync()).Should().Be("disabled");
        var signature = approved.Body["signatures"]!.AsArray().Should().ContainSingle().Subject!;
        ((string?)signature["meaning"], (string?)signature["method"], (string?)signature["signer"]).Should()
            .Be(("approved", "password", (string?)approved.Body["decidedBy"]!["id"]));
        approved.Text.Should().NotContain(SigningIn.Password);
        (await FindingsAsync(id)).Should().BeEmpty();
    }

    [Theory]
    [InlineData("jsonb_set(data, '{signature,meaning}', '\"proposed\"')", "access.proposal_approved.v1", "The signature was altered, or was made for something else.")]
    [InlineData("jsonb_set(data, '{name}', '\"Forged\"')", "access.change_proposed.v1", "What is there is not what was signed.")]
    [InlineData("jsonb_set(data, '{whatIf,different}', '7')", "access.change_proposed.v1", "What is there is not what was signed.")]
    public async Task a_signature_or_a_proposal_that_was_altered_is_found(string data, string type, string fault)
    {
        var id = await ProposeAsync("approver");
        (await ApproveAsync(id, SigningIn.Password)).Status.Should().Be(200);
        (await host.ChangeAsync($"update notify.mt_events set data = {data} where type = '{type}' and stream_id = '{id}'")).Should().Be(1);
        (await FindingsAsync(id)).Should().Equal(fault);
    }

    [Fact]
    public async Task an_approval_that_was_given_to_somebody_else_is_found_with_the_change_that_names_another()
    {
        var id = await ProposeAsync("approver");
        (await ApproveAsync(id, SigningIn.Password)).Status.Should().Be(200);
        (await host.ChangeAsync(
            $"update notify.mt_events set user_name = 'user-other' where type = 'access.proposal_approved.v1' and stream_id = '{id}'")).Should().Be(1);
        (await FindingsAsync(id)).Should().BeEquivalentTo(
            "The signature is another person's than who has it on record.", "The change names another approver than its approval.");
    }

    [Fact]
    public async Task a_key_cannot_sign()
    {
        var id = await ProposeAsync("approver");
        var refused = await host.SendAsync("POST", $"proposals/{id}/approve", new { signature = new { password = SigningIn.Password } });
        (refused.Status, refused.Detail).Should().Be((403, "A signature is a person's: sign in, and sign with your password or a code."));
    }

    [Fact]
    public async Task where_both_sign_the_author_signs_first()
    {
        var id = await ProposeAsync("both");
        var early = await ApproveAsync(id, SigningIn.Password);
        (early.Status, early.Detail).Should().Be((409, "Its author has not signed this proposal: POST /api/v1/proposals/{id}/sign."));
        (await SignAsync(approver, id)).Status.Should().Be(403);
        (await SignAsync(author, id)).Status.Should().Be(200);
        (await SignAsync(author, id)).Status.Should().Be(409);
        var approved = await ApproveAsync(id, SigningIn.Password);
        approved.Body["signatures"]!.AsArray().Select(x => (string?)x!["meaning"]).Should().Equal("proposed", "approved");
        (await FindingsAsync(id)).Should().BeEmpty();
    }

    private async Task<string> ProposeAsync(string signature)
    {
        (await host.SendAsync("PUT", "approval-policy", new { kinds = new[] { "message" }, signature }, "If-Match", "*")).Status.Should().Be(200);
        var proposed = await author.SendAsync("POST", $"messages/{messageId}/disable", null, "If-Match", "*");
        proposed.Status.Should().Be(202, proposed.Text);
        return (string)proposed.Body["id"]!;
    }

    private Task<RestAnswer> ApproveAsync(string id, string password) =>
        approver.SendAsync("POST", $"proposals/{id}/approve", new { signature = new { password, meaning = "approved" } });

    private static Task<RestAnswer> SignAsync(Browser by, string id) =>
        by.SendAsync("POST", $"proposals/{id}/sign", new { signature = new { password = SigningIn.Password } });

    private async Task<string?> StatusAsync() => (string?)(await host.GetAsync($"messages/{messageId}"))["status"];

    /// <summary>Of this proposal, and of what it changed.</summary>
    private async Task<List<string>> FindingsAsync(string id) =>
    [
        .. (await host.PostAsync("audit/verify", new { }))["findings"]!.AsArray().Where(x => (string?)x!["kind"] == "signature")
            .Where(x => x!.ToJsonString().Contains(id, StringComparison.Ordinal) || x.ToJsonString().Contains(messageId, StringComparison.Ordinal))
            .Select(x => (string)x!["explanation"]!),
    ];
}
