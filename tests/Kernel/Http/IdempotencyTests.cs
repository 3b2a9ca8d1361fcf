using Notify.Testing;

namespace Notify.Kernel.Tests.Http;

public sealed class IdempotencyTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private readonly NotifyHost host = fixture.Host;

    private static string NewKey() => Guid.NewGuid().ToString("N");

    [Fact]
    public async Task the_same_key_and_body_give_the_first_answer_again_and_create_once()
    {
        var (key, body) = (NewKey(), HostFixture.Message());
        var first = await host.SendAsync("POST", "messages", body, "Idempotency-Key", key);
        first.Status.Should().Be(201, first.Text);
        await host.PutAsync($"messages/{first.Id}", 1, HostFixture.Message());

        var second = await host.SendAsync("POST", "messages", body, "Idempotency-Key", key);
        second.Status.Should().Be(201);
        second.Text.Should().Be(first.Text);
        second.ETag.Should().Be(first.ETag).And.Be("\"1\"");
        second.Headers.Location.Should().Be(first.Headers.Location);
        (await fixture.QueryAsync<long>("select version from notify.mt_streams where id = $1", first.Id)).Should().Equal(2);
    }

    [Fact]
    public async Task another_body_with_the_same_key_is_refused()
    {
        var key = NewKey();
        (await host.SendAsync("POST", "messages", HostFixture.Message(), "Idempotency-Key", key)).Status.Should().Be(201);
        (await host.SendAsync("POST", "messages", HostFixture.Message(), "Idempotency-Key", key)).Status.Should().Be(409);
    }

    [Fact]
    public async Task a_refused_request_leaves_its_key_free()
    {
        var key = NewKey();
        (await host.SendAsync("POST", "messages", new { name = "no type" }, "Idempotency-Key", key)).Status.Should().Be(400);
        (await host.SendAsync("POST", "messages", HostFixture.Message(), "Idempotency-Key", key)).Status.Should().Be(201);
    }

    [Fact]
    public async Task keys_of_different_addresses_are_different_keys()
    {
        var key = NewKey();
        var schedule = new
        {
            kind = "holiday",
            name = HostFixture.Unique("Holiday"),
            timeZone = "Asia/Shanghai",
            from = "2026-10-01",
            to = "2026-10-07"
        };
        (await host.SendAsync("POST", "messages", HostFixture.Message(), "Idempotency-Key", key)).Status.Should().Be(201);
        (await host.SendAsync("POST", "schedules", schedule, "Idempotency-Key", key)).Status.Should().Be(201);
    }

    [Fact]
    public async Task a_test_that_is_repeated_with_its_key_is_sent_once()
    {
        var url = host.WeCom.RobotUrl(Guid.NewGuid().ToString());
        var service = await host.PostAsync("services",
            new
            {
                type = "wecom",
                name = HostFixture.Unique("Service"),
                wecom = new { bots = new[] { new { alias = "Line 1", webhookUrl = url } } }
            });
        var (key, path) = (NewKey(), $"services/{service["id"]}/test");
        var text = $"Is this once? {key}";

        var answers = new List<string>();
        for (var i = 0; i < 3; i++) answers.Add((await host.SendAsync(
            "POST", path, new { receivers = new[] { new { kind = "bot", alias = "Line 1" } }, text }, "Idempotency-Key", key)).Text);

        answers.Distinct().Should().ContainSingle().Which.Should().Contain("\"delivered\"");
        host.WeCom.Received.Count(x => x.Text.Contains(text, StringComparison.Ordinal)).Should().Be(1);
    }

    [Fact]
    public async Task of_many_at_once_with_one_key_one_creates_and_the_others_get_its_answer_or_are_told_to_wait()
    {
        var (key, body) = (NewKey(), HostFixture.Message());
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => host.SendAsync("POST", "messages", body, "Idempotency-Key", key)));
        answers.Should().OnlyContain(x => x.Status == 201 || (x.Status == 409 && x.RetryAfter > TimeSpan.Zero));
        answers.Where(x => x.Status == 201).Select(x => x.Id).Distinct(StringComparer.Ordinal).Should().ContainSingle();
    }

    [Fact]
    public async Task after_a_death_between_commit_and_answer_the_repeat_finds_what_was_created()
    {
        var (key, body) = (NewKey(), HostFixture.Message());
        var first = await host.SendAsync("POST", "messages", body, "Idempotency-Key", key);
        // As a process leaves it that dies after its commit.
        await fixture.QueryAsync<string>("update notify.idempotency set answer = null where key = $1 returning key", key);
        var early = await host.SendAsync("POST", "messages", body, "Idempotency-Key", key);
        (early.Status, early.RetryAfter > TimeSpan.Zero).Should().Be((409, true), early.Text);

        await fixture.QueryAsync<string>("update notify.idempotency set leased_until = '-infinity' where key = $1 returning key", key);
        var second = await host.SendAsync("POST", "messages", body, "Idempotency-Key", key);
        second.Status.Should().Be(201);
        second.Text.Should().Be(first.Text);
        (await host.SendAsync("POST", "messages", body, "Idempotency-Key", key)).Text.Should().Be(first.Text);
    }

    [Theory]
    [InlineData("silence")]
    [InlineData("hold")]
    [InlineData("backup")]
    [InlineData("test of a service")]
    [InlineData("test of a message")]
    public async Task so_does_the_repeat_of_what_is_no_resource(string what)
    {
        var robot = Guid.NewGuid().ToString();
        var service = await host.PostAsync("services", new
        {
            type = "wecom",
            name = HostFixture.Unique("Service"),
            wecom = new { bots = new[] { new { alias = "Line 1", webhookUrl = host.WeCom.RobotUrl(robot) } } },
        });
        var message = await host.PostAsync("messages", HostFixture.Message());
        var receivers = new[] { new { kind = "bot", alias = "Line 1" } };
        var (path, body, kind) = what switch
        {
            "silence" => ("../v2/silences", new
            {
                matchers = new[] { new { name = "alertname", value = HostFixture.Unique("Pump") } },
                endsAt = DateTimeOffset.UtcNow.AddHours(1),
                createdBy = "Li",
                comment = "Work",
            }, "silence"),
            "hold" => ("audit/holds", new { name = HostFixture.Unique("Case"), reason = "Asked for", resource = "notification" }, "hold"),
            "backup" => ("operation/backup", new { note = HostFixture.Unique("pg_dump") }, "backup"),
            "test of a service" => ($"services/{service["id"]}/test", new { receivers, text = "Is this once?" }, "test"),
            _ => ($"messages/{message["id"]}/test", (object)new { serviceId = service["id"], receivers }, "test"),
        };
        var (key, before) = (NewKey(), await StreamsAsync());

        var first = await host.SendAsync("POST", path, body, "Idempotency-Key", key);
        first.Status.Should().BeInRange(200, 201, first.Text);
        // As a process leaves it that dies after its commit.
        await fixture.QueryAsync<string>(
            "update notify.idempotency set answer = null, leased_until = '-infinity' where key = $1 returning key", key);
        var second = await host.SendAsync("POST", path, body, "Idempotency-Key", key);

        (second.Status, second.Text).Should().Be((first.Status, first.Text));
        (await StreamsAsync()).Should().Be(before + 1);
        if (kind == "test") host.WeCom.Received.Count(x => x.RobotKey == robot).Should().Be(1);

        async Task<long> StreamsAsync() => (await fixture.QueryAsync<long>("select count(*) from notify.mt_streams where id like $1", $"{kind}-%"))[0];
    }

    [Fact]
    public async Task an_answer_that_can_no_longer_be_opened_is_made_again_and_an_erasure_removes_it()
    {
        var (key, body) = (NewKey(), HostFixture.Message());
        var first = await host.SendAsync("POST", "messages", body, "Idempotency-Key", key);
        const string Spoil = "update notify.idempotency set answer = '\\x01' where key = $1 returning key";
        await fixture.QueryAsync<string>(Spoil, key);
        var second = await host.SendAsync("POST", "messages", body, "Idempotency-Key", key);
        (second.Status, second.Text).Should().Be((201, first.Text));

        await fixture.QueryAsync<string>(Spoil, key);
        var erased = await host.SendAsync("POST", "audit/erasures", new { subject = "wangwu", reason = "Asked for it" });
        erased.Status.Should().Be(200, erased.Text);
        (await fixture.QueryAsync<bool>("select answer is null from notify.idempotency where key = $1", key)).Should().Equal(true);
    }

    [Fact]
    public async Task an_answer_that_cannot_be_kept_is_given_all_the_same()
    {
        await host.ExecuteAsync(
            """
            create function notify.refuse() returns trigger language plpgsql as $$ begin raise exception 'out of order'; end $$;
            create trigger refuse before update or delete on notify.idempotency for each row when (old.key = 'cannot-be-kept')
            execute function notify.refuse()
            """);
        (await host.SendAsync("POST", "messages", HostFixture.Message(), "Idempotency-Key", "cannot-be-kept")).Status.Should().Be(201);
        await host.ExecuteAsync("drop trigger refuse on notify.idempotency; drop function notify.refuse()");
    }

    [Fact]
    public async Task after_a_day_a_key_is_new_again()
    {
        var key = NewKey();
        var first = await host.SendAsync("POST", "messages", HostFixture.Message(), "Idempotency-Key", key);
        await fixture.QueryAsync<string>("update notify.idempotency set first_at = first_at - interval '24 hours' where key = $1 returning key", key);
        var second = await host.SendAsync("POST", "messages", HostFixture.Message(), "Idempotency-Key", key);
        second.Status.Should().Be(201, second.Text);
        second.Id.Should().NotBe(first.Id);
    }

    [Fact]
    public async Task alarms_are_accepted_once_although_the_time_of_the_event_is_left_to_us()
    {
        var (key, body) = (NewKey(), new { alarms = new[] { new { name = HostFixture.Unique("Pump"), path = "Site1", level = "High" } } });
        var first = await host.SendAsync("POST", "alarms", body, "Idempotency-Key", key);
        first.Status.Should().Be(202, first.Text);
        await fixture.QueryAsync<string>("update notify.idempotency set answer = null, leased_until = '-infinity' where key = $1 returning key", key);
        (await host.SendAsync("POST", "alarms", body, "Idempotency-Key", key)).Status.Should().Be(202);
        var alarm = first.Body["accepted"]![0]!["alarmId"]!.GetValue<string>();
        (await fixture.QueryAsync<string>("select type from notify.mt_events where stream_id = $1 order by version", alarm))
            .Should().Equal("alarms.alarm_reported.v1", "alarms.report_repeated.v1");
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    public async Task a_malformed_key_is_refused(string key) =>
        (await host.SendAsync("POST", "messages", HostFixture.Message(), "Idempotency-Key", key)).Status.Should().Be(400);

    [Fact]
    public async Task without_the_header_nothing_is_kept()
    {
        var before = await fixture.QueryAsync<long>("select count(*) from notify.idempotency where path = '/api/v1/rules'");
        (await host.SendAsync("POST", "rules", new { })).Status.Should().Be(400);
        (await fixture.QueryAsync<long>("select count(*) from notify.idempotency where path = '/api/v1/rules'")).Should().Equal(before);
    }
}
