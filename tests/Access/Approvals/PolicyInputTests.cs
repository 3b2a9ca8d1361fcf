using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Access.Tests.Approvals;

public sealed class PolicyInputTests(SharedHost shared) : IClassFixture<SharedHost>
{
    [Theory]
    [InlineData("""{ "kinds": null }""", "kinds")]
    [InlineData("""{ }""", "kinds")]
    [InlineData("""{ "kinds": ["rules"] }""", "kinds[0]")]
    [InlineData("""{ "kinds": [null] }""", "kinds[0]")]
    [InlineData("""{ "kinds": [], "signature": "all" }""", "signature")]
    [InlineData("""{ "kinds": [], "reason": "always" }""", "reason")]
    [InlineData("""{ "kinds": [], "reasonKinds": ["rule"] }""", "reasonKinds")]
    public async Task a_policy_that_does_not_fit_is_refused(string body, string field)
    {
        var refused = await shared.Host.PutAsync("approval-policy", 0, JsonNode.Parse(body)!);
        (refused.Status, string.Join(',', refused.Faults)).Should().Be((400, field), refused.Text);
        ((long)(await shared.Host.GetAsync("approval-policy"))["version"]!).Should().Be(0);
    }
}
