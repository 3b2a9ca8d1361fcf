using Notify.Testing;

namespace Notify.Access.Tests.Approvals;

/// <summary>A shared host with two who may approve each other's changes.</summary>
public class ApprovalHost : SharedHost
{
    public HttpClient Author { get; private set; } = null!;
    public HttpClient Approver { get; private set; } = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        (Author, Approver) = (await Host.ClientOfRoleAsync("administrator"), await Host.ClientOfRoleAsync("administrator"));
    }

    public override async Task DisposeAsync()
    {
        Author.Dispose();
        Approver.Dispose();
        await base.DisposeAsync();
    }

    /// <summary>Nothing needs approval, as at first, whatever a test has made of the policy.</summary>
    public async Task EndApprovalsAsync()
    {
        var end = await Author.SendToAsync(
            "PUT", "approval-policy", new { kinds = Array.Empty<string>() }, "If-Match", "*", "X-Change-Reason", "The end of a test");
        end.Status.Should().BeOneOf([200, 202], end.Text);
        if (end.Status == 202) await Approver.PostToAsync($"proposals/{end.Id}/approve", new { });
    }
}
