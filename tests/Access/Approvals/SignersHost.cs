using Notify.Testing;

namespace Notify.Access.Tests.Approvals;

/// <summary>A shared host with two people who sign in and may approve each other's changes.</summary>
public sealed class SignersHost : SharedHost
{
    public Browser Boss { get; private set; } = null!;
    public Browser Chief { get; private set; } = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        (Boss, Chief) = (await Host.SignedInAsync("boss", "administrator"), await Host.SignedInAsync("chief", "administrator"));
    }

    public override async Task DisposeAsync()
    {
        Boss.Dispose();
        Chief.Dispose();
        await base.DisposeAsync();
    }

    /// <summary>Nothing needs approval, as at first, whatever a test has made of the policy and of its signatures.</summary>
    public async Task EndApprovalsAsync()
    {
        var signed = new { signature = new { password = SigningIn.Password } };
        var end = await Boss.SendAsync("PUT", "approval-policy", new { kinds = Array.Empty<string>() }, "If-Match", "*");
        end.Status.Should().Be(202, end.Text);
        // Where only who approves signs, this is refused.
        await Boss.SendAsync("POST", $"proposals/{end.Id}/sign", signed);
        var approved = await Chief.SendAsync("POST", $"proposals/{end.Id}/approve", signed);
        approved.Status.Should().Be(200, approved.Text);
    }
}
