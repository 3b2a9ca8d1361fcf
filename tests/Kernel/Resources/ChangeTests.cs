using System.Text;
using Notify.Testing;

namespace Notify.Kernel.Tests.Resources;

/// <summary>Create, change, switch and delete, the same for every kind; messages stand for all.</summary>
public sealed class ChangeTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private readonly NotifyHost host = fixture.Host;

    private async Task<RestAnswer> CreateAsync(string? name = null) => await host.SendAsync("POST", "messages", HostFixture.Message(name));

    [Fact]
    public async Task create_read_and_change_carry_the_version_as_etag_and_instants_in_utc()
    {
        var created = await CreateAsync();
        (created.Status, created.ETag, created.Version).Should().Be((201, "\"1\"", 1L));
        created.Headers.Location!.ToString().Should().Be($"/api/v1/messages/{created.Id}");
        created.Body["createdAt"]!.GetValue<string>().Should().EndWith("Z");
        created.Body["createdBy"]!["kind"]!.GetValue<string>().Should().Be("apiKey");

        var read = await host.SendAsync("GET", $"messages/{created.Id}");
        (read.ETag, read.Text).Should().Be((created.ETag, created.Text));

        var changed = await host.PutAsync($"messages/{created.Id}", 1, HostFixture.Message());
        (changed.Status, changed.ETag, changed.Version).Should().Be((200, "\"2\"", 2L));
        (await host.SendAsync("GET", $"messages/{created.Id}")).Text.Should().Be(changed.Text);
    }

    [Fact]
    public async Task what_was_read_can_be_sent_back_and_makes_no_event()
    {
        var created = await CreateAsync();
        var answer = await host.PutAsync($"messages/{created.Id}", 1, created.Body);
        (answer.Status, answer.Version, answer.Text).Should().Be((200, 1L, created.Text));
        (await fixture.QueryAsync<long>("select version from notify.mt_streams where id = $1", created.Id)).Should().Equal(1);
    }

    [Fact]
    public async Task checks_come_in_the_order_404_428_412_400_409()
    {
        var (mine, other) = (await CreateAsync(), await CreateAsync());
        var taken = HostFixture.Message(other.Body["name"]!.GetValue<string>());
        var bad = new { name = "" };
        (await host.SendAsync("PUT", "messages/message-none", bad)).Status.Should().Be(404);
        (await host.SendAsync("PUT", $"messages/{mine.Id}", bad)).Status.Should().Be(428);
        (await host.PutAsync($"messages/{mine.Id}", 9, bad)).Status.Should().Be(412);
        (await host.PutAsync($"messages/{mine.Id}", 1, bad)).Status.Should().Be(400);
        (await host.PutAsync($"messages/{mine.Id}", 1, taken)).Status.Should().Be(409);
        foreach (var (method, path) in new[] { ("POST", "/enable"), ("POST", "/disable"), ("DELETE", "") })
        {
            (await host.SendAsync(method, $"messages/message-none{path}")).Status.Should().Be(404);
            (await host.SendAsync(method, $"messages/{mine.Id}{path}")).Status.Should().Be(428);
            (await host.SendAsync(method, $"messages/{mine.Id}{path}", null, "If-Match", "\"9\"")).Status.Should().Be(412);
        }
    }

    [Theory]
    [InlineData("\"1\"", 200)]
    [InlineData("1", 200)]
    [InlineData("*", 200)]
    [InlineData("\"7\", \"1\"", 200)]
    [InlineData("W/\"1\"", 200)] // what a compressing proxy makes of a tag
    [InlineData("W/\"2\"", 412)]
    [InlineData("\"one\"", 412)]
    [InlineData("\"-1\"", 412)]
    [InlineData("\"\"", 412)]
    [InlineData("\"1", 400)]
    [InlineData("one", 400)]
    [InlineData("\"1\" \"2\"", 400)]
    public async Task if_match_is_read_as_rfc_9110_has_it(string header, int status)
    {
        var created = await CreateAsync();
        (await host.SendAsync("PUT", $"messages/{created.Id}", HostFixture.Message(), "If-Match", header)).Status.Should().Be(status);
    }

    [Fact]
    public async Task who_gives_no_version_or_a_stale_one_is_told_the_present_one()
    {
        var created = await CreateAsync();
        for (var version = 1; version < 4; version++) (await host.PutAsync($"messages/{created.Id}", version, HostFixture.Message())).Status.Should()
            .Be(200);
        var (missing, stale) = (
            await host.SendAsync("DELETE", $"messages/{created.Id}"), await host.PutAsync($"messages/{created.Id}", 2, HostFixture.Message()));
        (missing.Status, stale.Status).Should().Be((428, 412));
        missing.Detail.Should().EndWith("If-Match: \"4\".");
        stale.Detail.Should().Contain("at version 4");
    }

    [Fact]
    public async Task a_name_where_an_id_is_wanted_is_said_to_be_none()
    {
        (await host.SendAsync("GET", "messages/Alarm%20text")).Detail.Should().Be(
            "There is no message 'Alarm text'. Expected an id, which begins with 'message-'; if this is a name, GET /api/v1/messages?search= finds the id.");
        (await host.SendAsync("GET", "messages/message-none")).Detail.Should().Be("There is no message 'message-none'.");
    }

    [Fact]
    public async Task a_field_that_does_not_exist_is_named_with_the_one_that_was_meant()
    {
        var created = await CreateAsync();
        var body = System.Text.Json.JsonSerializer.SerializeToNode(HostFixture.Message())!.AsObject();
        (body["contnet"], body["nmae"], body["version"], body["createdAt"]) = ("x", "y", 7, "2026-01-31T08:00:00Z");
        var answer = await host.PutAsync($"messages/{created.Id}", 1, body);
        answer.Faults.Should().Equal("contnet", "nmae");
        answer.Text.Should().Contain("Did you mean 'content'?").And.Contain("Did you mean 'name'?");
    }

    [Theory]
    [InlineData("line one", "LINE  ONE")]
    [InlineData("ＡＢＣ　１", "abc 1")]
    [InlineData("Caf\u00e9", "CAFE\u0301")]
    [InlineData("\u26a0 Gas", "\u26a0\ufe0f GAS")]
    [InlineData("  Trimmed", "trimmed\t ")]
    public async Task a_name_is_taken_whatever_its_case_width_and_gaps(string first, string second)
    {
        var mark = Guid.NewGuid().ToString("N");
        (await CreateAsync(first + mark)).Status.Should().Be(201);
        var answer = await CreateAsync(second.TrimEnd() + mark);
        (answer.Status, answer.Faults.SingleOrDefault()).Should().Be((409, "name"));
    }

    [Theory]
    [InlineData("Ze\u200bro", "U+200B is character 3")]
    [InlineData("Line\u202e 1", "U+202E is character 5")]
    [InlineData("Line 1\u3164", "U+3164 is character 7")]
    [InlineData("Line\u28001", "U+2800 is character 5")]
    [InlineData("Line\ufe0f", "U+FE0F is character 5")]
    [InlineData("Line\U000E0031", "U+E0031 is character 5")]
    [InlineData("Line\n1", "U+000A is character 5")]
    public async Task what_cannot_be_seen_in_a_name_is_named(string name, string fault)
    {
        var answer = await CreateAsync(name);
        (answer.Status, answer.Faults.SingleOrDefault()).Should().Be((400, "name"));
        answer.Text.Should().Contain(fault);
    }

    [Fact]
    public async Task of_ten_creators_of_one_name_one_wins()
    {
        var name = HostFixture.Unique("Race");
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => CreateAsync(i % 2 == 0 ? name : name.ToUpperInvariant())));
        answers.Select(x => x.Status).Order().Should().Equal([201, .. Enumerable.Repeat(409, 9)]);
    }

    [Fact]
    public async Task of_five_writers_with_one_version_one_wins_and_its_answer_is_its_own()
    {
        var created = await CreateAsync();
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 5).Select(i => host.PutAsync($"messages/{created.Id}", 1, HostFixture.Message(content: $"writer {i} {{name}}"))));
        answers.Select(x => x.Status).Order().Should().Equal(200, 412, 412, 412, 412);
        answers.Single(x => x.Status == 200).Version.Should().Be(2);
    }

    [Fact]
    public async Task more_changes_at_once_than_there_are_connections_all_come_through()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 150).Select(_ => CreateAsync()));
        answers.Should().OnlyContain(x => x.Status == 201);
    }

    [Fact]
    public async Task what_is_in_use_is_not_deleted_and_its_users_are_named()
    {
        var example = await Example.MakeAsync(host);
        var refused = await host.SendAsync("DELETE", $"schedules/{example.ScheduleId}", null, "If-Match", "*");
        var schedule = await host.GetAsync($"schedules/{example.ScheduleId}");
        (refused.Status, refused.Detail).Should().Be((409, $"The schedule '{schedule["name"]}' is used by rule 'Everything'."));
        (await host.SendAsync("DELETE", $"schedules/{example.ScheduleId}?confirm=1", null, "If-Match", "*")).Faults.Should().Equal("confirm");
        (await host.GetAsync($"services/{example.ServiceId}/references"))["items"]![0]!["name"]!.GetValue<string>().Should().Be("Everything");
    }

    [Fact]
    public async Task the_deleted_is_gone_but_for_its_history_and_its_name_is_free()
    {
        var created = await CreateAsync();
        (await host.SendAsync("DELETE", $"messages/{created.Id}", null, "If-Match", "\"1\"")).Status.Should().Be(204);
        foreach (var path in new[] { "", "?version=2", "/references" })
            (await host.SendAsync("GET", $"messages/{created.Id}{path}")).Status.Should().Be(404);
        (await host.SendAsync("DELETE", $"messages/{created.Id}", null, "If-Match", "*")).Status.Should().Be(404);
        (await host.SendAsync("GET", $"messages/{created.Id}?version=1")).Text.Should().Be(created.Text);
        var history = await host.GetAsync($"messages/{created.Id}/history");
        history["items"]!.AsArray().Select(x => x!["type"]!.GetValue<string>()).Should()
            .Equal("rules.message_deleted.v1", "rules.message_created.v1");
        (await CreateAsync(created.Body["name"]!.GetValue<string>())).Status.Should().Be(201);
    }

    [Fact]
    public async Task reason_and_correlation_are_kept_with_the_change()
    {
        var created = await host.SendAsync(
            "POST", "messages", HostFixture.Message(), "X-Change-Reason", Uri.EscapeDataString("夜班需要 100%"), "X-Correlation-Id", "ticket-4711");
        created.Headers.GetValues("X-Correlation-Id").Should().Equal("ticket-4711");
        var change = (await host.GetAsync($"messages/{created.Id}/history"))["items"]![0]!;
        (change["reason"]!.GetValue<string>(), change["correlationId"]!.GetValue<string>()).Should().Be(("夜班需要 100%", "ticket-4711"));
    }

    [Theory]
    [InlineData("X-Change-Reason", "%00")]
    [InlineData("X-Correlation-Id", "with space")]
    public async Task malformed_audit_headers_are_refused(string header, string value)
    {
        (await host.SendAsync("POST", "messages", HostFixture.Message(), header, value)).Status.Should().Be(400);
        (await host.SendAsync("POST", "messages", HostFixture.Message(), "X-Change-Reason", new string('x', 501))).Status.Should().Be(400);
    }

    [Theory]
    [InlineData("""{"type":"wecom","name":"n","format":"text","content":"c","extra":1}""", 400)]
    [InlineData("""{"type":"wecom","name":"n","name":"m","format":"text","content":"c"}""", 400)]
    [InlineData("""{"type":"wecom","name":7,"format":"text","content":"c"}""", 400)]
    [InlineData("""{"type":"wecom","name":"\u200b","format":"text","content":"c"}""", 400)]
    [InlineData("""{"type":"wecom","name":"a\u0000b","format":"text","content":"c"}""", 400)]
    [InlineData("""{"type":"wecom","name":"\ud800","format":"text","content":"c"}""", 400)]
    [InlineData("""{"\ud800":1}""", 400)]
    [InlineData("""{"type":"wecom",}""", 400)]
    [InlineData("[]", 400)]
    [InlineData("null", 400)]
    [InlineData("", 400)]
    public async Task json_is_read_strictly(string json, int status) =>
        (await host.SendAsync("POST", "messages", new StringContent(json, Encoding.UTF8, "application/json"))).Status.Should().Be(status);

    [Fact]
    public async Task what_is_not_json_is_unsupported() =>
        (await host.SendAsync("POST", "messages", new StringContent("{}", Encoding.UTF8, "text/plain"))).Status.Should().Be(415);
}
