using Notify.Testing;

namespace Notify.Access.Tests.Approvals;

/// <summary>What there is altogether, on a host on which nothing was proposed before.</summary>
public sealed class ProposalListTests : IAsyncLifetime
{
    private readonly ApprovalHost own = new();

    private NotifyHost Host => own.Host;

    public Task InitializeAsync() => own.InitializeAsync();

    public Task DisposeAsync() => own.DisposeAsync();

    [Fact]
    public async Task without_a_policy_every_change_is_made_at_once()
    {
        var policy = await Host.SendAsync("GET", "approval-policy");
        (policy.Status, policy.ETag, policy.Body["kinds"]!.AsArray().Count).Should().Be((200, "\"0\"", 0));
        var made = await MakeMessageAsync("First");
        made.Status.Should().Be(201);
        made.Body["name"] = "Second";
        (await own.Author.SendToAsync("PUT", $"messages/{made.Id}", made.Body, "If-Match", "\"1\"")).Status.Should().Be(200);
    }

    [Fact]
    public async Task proposals_are_listed_by_their_state_page_by_page()
    {
        (await Host.PutAsync("approval-policy", 0, new { kinds = new[] { "message" } })).Status.Should().Be(200);
        var ids = new List<string>();
        foreach (var name in (string[])["A", "B", "C"]) ids.Add((await MakeMessageAsync(name)).Id);
        (await own.Approver.SendToAsync("POST", $"proposals/{ids[1]}/reject")).Status.Should().Be(200);
        (await Host.Client.GetAllFromAsync("proposals?state=Open")).Select(x => (string?)x["id"]).Should().Equal(ids[2], ids[0]);
        (await Host.GetAsync("proposals?state=Rejected"))["items"]!.AsArray().Should().ContainSingle();
        var page = await Host.GetAsync("proposals?limit=2");
        page["items"]!.AsArray().Select(x => (string?)x!["id"]).Should().Equal(ids[2], ids[1]);
        var last = await Host.GetAsync($"proposals?limit=2&cursor={page["nextCursor"]}");
        last["items"]!.AsArray().Select(x => (string?)x!["id"]).Should().Equal(ids[0]);
        last.Should().ContainKey("nextCursor");
        last["nextCursor"].Should().BeNull();
        (await Host.GetAsync("proposals?limit=3"))["nextCursor"].Should().BeNull("nothing follows");

        // One that cannot be read is left out, and hides none of the older ones.
        (await Host.ChangeAsync($"update notify.mt_events set data = jsonb_set(data, '{{changes}}', '7') where stream_id = '{ids[2]}'")).Should().Be(1);
        page = await Host.GetAsync("proposals?limit=2");
        page["items"]!.AsArray().Select(x => (string?)x!["id"]).Should().Equal(ids[1]);
        (await Host.GetAsync($"proposals?limit=2&cursor={page["nextCursor"]}"))["items"]!.AsArray().Select(x => (string?)x!["id"]).Should()
            .Equal(ids[0]);
    }

    private Task<RestAnswer> MakeMessageAsync(string name) =>
        own.Author.SendToAsync("POST", "messages", new { type = "wecom", name, format = "text", content = "{name}" });
}
