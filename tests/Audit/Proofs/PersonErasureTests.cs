using Notify.Testing;

namespace Notify.Audit.Tests.Proofs;

/// <summary>Somebody whom Notify knew as a person leaves it for good: their names go, what was done with them stays, and the proofs hold.</summary>
public sealed class PersonErasureTests : IAsyncLifetime
{
    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    private Task<RestAnswer> EraseAsync(string subject) =>
        host.SendAsync("POST", "audit/erasures", new { subject, reason = "Asked for it" });

    [Fact]
    public async Task a_person_who_was_removed_can_be_struck_from_every_event_and_the_proofs_hold()
    {
        string[] texts = ["zhang.weiwei", "张伟伟", "weiwei@example.org", "+8613912345678", "zww-4711", "dt-4711"];
        var person = await host.PostAsync("users", new
        {
            userName = texts[0],
            name = texts[1],
            email = texts[2],
            mobile = texts[3],
            wecomAccount = texts[4],
            dingtalkUser = texts[5],
            roles = new[] { "operator" },
            paths = new[] { "Site1/**" },
        });
        var id = (string)person["id"]!;
        person["email"] = "other@example.org";
        (await host.PutAsync($"users/{id}", 1, person)).Status.Should().Be(200);
        (await EraseAsync(texts[0])).Detail.Should().Be($"The configuration still contains the text, in user \"{texts[1]}\". Remove it there first.");
        (await host.SendAsync("DELETE", $"users/{id}", null, "If-Match", "*")).Status.Should().Be(204);

        foreach (var text in texts) (await EraseAsync(text)).Status.Should().Be(200, text);
        var left = await DatabaseText.ReadAsync(host);
        foreach (var text in texts) left.TablesWith(text).Should().BeEmpty(text);
        (await host.PostAsync("audit/verify", new { }))["valid"]!.GetValue<bool>().Should().BeTrue();

        var entries = (await host.GetAsync($"audit?resource={id}"))["items"]!.AsArray();
        entries.Select(x => (string?)x!["type"]).Should().Equal("access.user_created.v1", "access.user_changed.v1", "access.user_deleted.v1");
        var settings = entries[0]!["data"]!["settings"]!;
        settings["roles"]!.AsArray().Select(x => (string?)x).Should().Equal("role-operator");
        ((string?)entries[0]!["data"]!["displayName"], (string?)settings["mobile"], (string?)settings["paths"]![0]).Should()
            .Be(("[erased]", "[erased]", "Site1/**"));
    }
}
