using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Format;
using Notify.Testing;

namespace Notify.Audit.Tests.Proofs;

public sealed class SigningTests
{
    [Fact]
    public async Task a_file_that_cannot_be_read_is_a_fault_of_the_machine()
    {
        await using var host = await NotifyHost.StartAsync();
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot" } } });
        var mark = host.Services.GetRequiredService<CheckpointFile>().MarkPath;
        await Eventually.GetAsync(() => Task.FromResult(File.Exists(mark)), x => x);
        // A directory in its place fails like a file whose disk does: whoever runs the tests, root too, can read every file.
        Directory.CreateDirectory($"{mark}.next");
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too cold" } } });
        var refused = await Eventually.GetAsync(
            () => host.SendAsync("GET", "audit/checkpoint"), x => x.Status != 200);
        refused.Status.Should().Be(503, refused.Text);
        ((string?)refused.Body["detail"]).Should().StartWith("This node cannot read or write one of its files").And.NotContain(host.DataDirectory);
    }

    [Fact]
    public async Task checkpoints_are_signed_by_themselves_and_told_to_the_file_and_the_webhook()
    {
        var told = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var builder = WebApplication.CreateSlimBuilder();
        await using var witness = builder.Build();
        witness.Urls.Add("http://127.0.0.1:0");
        var refusals = 2;
        witness.MapPost("/elsewhere", () => told.Enqueue("followed a redirect"));
        witness.MapPost("/", async (HttpContext http) =>
        {
            // The first time it is out of order, the second time it sends the checkpoint somewhere else.
            switch (Interlocked.Decrement(ref refusals))
            {
                case 1: return Results.StatusCode(500);
                case 0: return Results.Redirect("/elsewhere", preserveMethod: true);
            }

            using var reader = new StreamReader(http.Request.Body);
            told.Enqueue(await reader.ReadToEndAsync());
            return Results.Ok();
        });
        await witness.StartAsync();

        await using var host = await NotifyHost.StartAsync(
            ["Notify:Audit:CheckpointInterval=00:00:00.2", $"Notify:Audit:CheckpointWebhook={witness.Urls.First()}"]);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot" } } });
        var told1 = await Eventually.GetAsync(() => Task.FromResult(told.FirstOrDefault()), x => x is not null);
        var keys = (await host.GetAsync("audit/keys"))["keys"]!.AsArray().Select(x => NoteKey.Parse((string)x!["vkey"]!)).ToList();
        SignedNote.Parse(told1!)!.IsSignedBy(keys).Should().BeTrue();
        var file = await host.Services.GetRequiredService<CheckpointFile>().ReadAsync(default);
        file.Checkpoints.Select(x => x.Note.ToString()).Should().Contain(told1);
        (await File.ReadAllTextAsync(Path.Combine(host.DataDirectory, LogKeys.FileName))).Should().Be(keys[0] + "\n");
    }

    [Fact]
    public async Task a_new_key_is_introduced_by_the_old_one()
    {
        await using var host = await NotifyHost.StartAsync(["Notify:Audit:Origin=plant-7.example"]);
        await host.SendAsync("GET", "audit/checkpoint");
        var old = NoteKey.Parse((string)(await host.GetAsync("audit/keys"))["keys"]![0]!["vkey"]!);
        old.Name.Should().Be("plant-7.example");
        var rotated = await host.SendAsync("POST", "audit/keys/rotate", new { }, "X-Change-Reason", "Yearly");
        rotated.Status.Should().Be(200, rotated.Text);
        var current = NoteKey.Parse((string)rotated.Body["keys"]![0]!["vkey"]!);
        current.ToString().Should().NotBe(old.ToString());

        var both = SignedNote.Parse((await host.SendAsync("GET", "audit/checkpoint")).Text)!;
        both.Signatures.Should().HaveCount(2);
        (both.IsSignedBy([old]), both.IsSignedBy([current])).Should().Be((true, true));
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot" } } });
        var after = SignedNote.Parse((await host.SendAsync("GET", "audit/checkpoint")).Text)!;
        (after.IsSignedBy([old]), after.IsSignedBy([current])).Should().Be((false, true));
        (await host.PostAsync("audit/verify", new { }))["valid"]!.GetValue<bool>().Should().BeTrue();
    }

    [Fact]
    public async Task who_has_only_the_key_from_before_a_rotation_is_told_that_it_is_the_key_that_is_missing()
    {
        await using var host = await NotifyHost.StartAsync();
        var old = await Verifiers.SignAsync(host);
        (await host.SendAsync("POST", "audit/keys/rotate", new { })).Status.Should().Be(200);
        var path = Path.Combine(host.DataDirectory, "export.ndjson");
        await File.WriteAllBytesAsync(path, await host.Client.GetByteArrayAsync(new Uri("/api/v1/audit/export", UriKind.Relative)));

        // The checkpoint bears both signatures, the end that of the new key alone.
        Verifiers.Check(await File.ReadAllBytesAsync(path), path, old).Fault.Should().Be("The end is not signed with this key.");
        (await Verifiers.PythonAsync(Path.Combine(Verifiers.Tools, "notify_verify.py"), path, "--key", old.ToString())).Output.Should()
            .Contain(": The end is not signed with this key.");
        await Verifiers.BothAcceptAsync(path, NoteKey.Parse((string)(await host.GetAsync("audit/keys"))["keys"]![0]!["vkey"]!));
    }

    [Fact]
    public async Task a_history_that_does_not_verify_raises_an_alarm_and_one_that_is_mended_clears_it()
    {
        await using var host = await NotifyHost.StartAsync();
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot" } } });
        (await host.PostAsync("audit/verify", new { }))["valid"]!.GetValue<bool>().Should().BeTrue();

        await host.ExecuteAsync("update notify.mt_events set timestamp = timestamp + interval '1 hour' where type = 'alarms.alarm_reported.v1'");
        var bad = await host.PostAsync("audit/verify", new { });
        ((bool)bad["valid"]!, (string?)bad["firstBad"]!["kind"], (string?)bad["firstBad"]!["type"]).Should()
            .Be((false, "changed", "alarms.alarm_reported.v1"));
        var alarm = await AlarmAsync(host, "ActiveUnacked");
        ((string?)alarm["level"]).Should().Be("Critical");
        (await host.Client.GetStringAsync(new Uri("/health/ready", UriKind.Relative))).Should().Contain("\"audit-proofs\":{\"status\":\"Degraded\"");
        (await host.GetAsync("audit?type=audit.history_verified.v1&order=desc"))["items"]!.AsArray().Should().HaveCount(2);

        await host.ExecuteAsync(
            "update notify.mt_events set timestamp = timestamp - interval '1 hour' where type = 'alarms.alarm_reported.v1' and stream_id <> '"
            + (string)alarm["id"]! + "'");
        (await host.PostAsync("audit/verify", new { })).ToJsonString().Should().Contain("\"valid\":true");
        await AlarmAsync(host, "ClearedUnacked");
        (await host.Client.GetStringAsync(new Uri("/health/ready", UriKind.Relative))).Should().Contain("\"audit-proofs\":{\"status\":\"Healthy\"");
    }

    [Fact]
    public async Task a_node_that_refuses_to_sign_says_so_loudly_and_an_administrator_lets_it_go_on()
    {
        await using var host = await NotifyHost.StartAsync(["Notify:Audit:CheckpointInterval=00:00:00.2"]);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot" } } });
        var last = await Verifiers.SignAsync(host);
        var file = host.Services.GetRequiredService<CheckpointFile>();
        await host.ExecuteAsync("truncate notify.audit_checkpoint");

        var alarm = await AlarmAsync(host, "ActiveUnacked");
        ((string?)alarm["name"], (string?)alarm["level"]).Should().Be(("Checkpoints of the audit history are not signed / 审计记录的检查点未签名", "Critical"));
        ((string)alarm["description"]!).Should().Contain("is not in the database");
        (await host.Client.GetStringAsync(new Uri("/health/ready", UriKind.Relative))).Should().Contain("\"audit-proofs\":{\"status\":\"Degraded\"");
        (await host.SendAsync("GET", "audit/checkpoint")).Status.Should().Be(409);
        (await host.SendAsync("POST", "audit/keys/rotate", new { })).Status.Should().Be(409, "no key is replaced while nothing is signed");
        (await host.SendAsync("POST", "audit/checkpoints/accept", new { })).Faults.Should().Equal("reason");

        var accepted = await host.SendAsync("POST", "audit/checkpoints/accept", new { reason = "Restored after a fault of the disk" });
        accepted.Status.Should().Be(200, accepted.Text);
        File.Exists((string)accepted.Body["file"]!).Should().BeTrue("it is kept as evidence");
        await AlarmAsync(host, "ClearedUnacked");
        SignedNote.Parse((await host.SendAsync("GET", "audit/checkpoint")).Text)!.IsSignedBy([last]).Should().BeTrue("the key stays");
        (await host.PostAsync("audit/verify", new { }))["valid"]!.GetValue<bool>().Should().BeTrue();
        (await file.ReadAsync(default)).Checkpoints.Should().NotBeEmpty();
        var record = (await host.GetAsync("audit?type=audit.checkpoints_accepted.v1"))["items"]!.AsArray().Should().ContainSingle().Subject!;
        ((string?)record["reason"], (string?)record["data"]!["reason"]).Should()
            .Be(("Restored after a fault of the disk", "Restored after a fault of the disk"));
        (await host.SendAsync("POST", "audit/checkpoints/accept", new { reason = "Once more" })).Status.Should().Be(409);
    }

    /// <summary>Rows as no event of Notify's is, appended under the next numbers: the history goes on behind them, and a verification names
    /// each.</summary>
    [Fact]
    public async Task no_row_that_somebody_appends_stops_the_history_or_its_verification()
    {
        await using var host = await NotifyHost.StartAsync();
        await host.ExecuteAsync(
            """
            insert into notify.mt_events (seq_id, id, stream_id, version, data, type, timestamp, headers)
            select nextval('notify.mt_events_sequence'), gen_random_uuid(), x.* from (values
              ('odd-1', 1, (repeat('{"$a":', 500) || '1' || repeat('}', 500))::jsonb, 'odd.x.v1', now(), '[1]'::jsonb),
              ('alarm-x', 1, '"text"', 'alarms.alarm_reported.v1', 'infinity', '"x"'),
              ('alarm-y', 1, (repeat('[', 500) || '1' || repeat(']', 500))::jsonb, 'alarms.alarm_acknowledged.v1', '-infinity', (repeat('{"a":', 500) || '1' || repeat('}', 500))::jsonb),
              (null, 1, '{}', 'x', now(), null),
              ('hold-x', 1, '[]', 'audit.hold_placed.v1', now(), null),
              ('hold-y', 1, '{"reason":1}', 'audit.hold_released.v1', 'infinity', null),
              ('expiry-x', 1, '{"entries":[null,{"sequence":"a"}],"seal":5}', 'audit.entries_expired.v1', now(), null),
              ('audit-baseline-x', 1, '{"upTo":999999999,"seal":"00"}', 'audit.checkpoints_accepted.v1', now(), null)) x
            """);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot" } } });
        await Eventually.GetAsync(() => host.Services.GetRequiredService<EventFollower>().LagAsync(default), x => x == 0);
        (await host.SendAsync("GET", "audit/checkpoint")).Status.Should().Be(200);
        var result = await host.PostAsync("audit/verify", new { });
        result["findings"]!.AsArray().Select(x => ((string?)x!["kind"], (string?)x["streamId"])).Should().BeEquivalentTo(
            [("changed", "alarm-x"), ("changed", "alarm-y"), ("changed", ""), ("changed", "hold-y"), ("erasure", "expiry-x"), ("hold", "hold-x"),
            ("hold", "hold-y"), ("hold", "hold-x")]);
        (await host.GetAsync("audit?order=desc&limit=20"))["items"]!.AsArray().Should()
            .Contain(x => (string?)x!["resource"]!["id"] == "odd-1", "it is read like all others");
    }

    private static async Task<JsonObject> AlarmAsync(NotifyHost host, string state) =>
        (await Eventually.GetAsync(
            () => host.GetAsync($"alarms?path=Notify/Audit&state={state}"), x => x["items"]!.AsArray().Count == 1))["items"]![0]!.AsObject();
}
