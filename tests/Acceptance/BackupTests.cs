using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Acceptance.Tests;

/// <summary>As docs/operations.md tells an operator with a PostgreSQL of his own: the database is dumped while Notify works, and restored beside it;
/// master.key is kept apart.</summary>
public sealed class BackupTests
{
    [Fact]
    public async Task a_backup_that_was_made_under_load_goes_on_where_it_was_and_proves_itself()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        var home = Directory.CreateTempSubdirectory("notify-backup-");
        await using var weCom = await WeComStandIn.StartAsync(options => (options.AcceptAnyRobot, options.RobotLimit) = (true, 0));
        await using var database = await PrivatePostgres.StartNewAsync();
        string[] settings = ["Notify:WeCom:BotLimitPerMinute=0", "Notify:WeCom:ProbeInterval=00:00:02", $"Notify:KeyFile={home.FullName}/master.key"];
        string[] before;
        string restored;
        await using (var notify = await NotifyProcess.StartNewAsync(
            weCom.BaseUrl, [.. settings, $"ConnectionStrings:Notify={database.ConnectionString}",
            $"Notify:Audit:CheckpointFile={home.FullName}/checkpoints"]))
        {
            await Example.MakeAsync(notify.Client, weCom, [new { kind = "bot", alias = "Line 1" }]);
            weCom.AddRobot(Example.RobotKey, "Line 1");
            weCom.RemoveRobot(Example.RobotKey); // so that something is open
            var load = new AlarmLoad(notify, 2000, "backup");
            var sending = load.RunAsync(limit.Token);
            await load.AcceptedAsync(100);
            await Checkpoint(notify); // so that the backup has the key with which all later ones are signed
            restored = await database.BackUpAndRestoreAsync("restored");
            load.Stop();
            await sending;
            await notify.Client.PostToAsync("alarms", new { alarms = new[] { new { name = "after the backup" } } });
            await Checkpoint(notify);
            before = [.. load.Names];
        }

        // Nothing but the database and the key.
        await using (var notify = await NotifyProcess.StartNewAsync(weCom.BaseUrl, [.. settings, $"ConnectionStrings:Notify={restored}"]))
        {
            weCom.RestoreRobot(Example.RobotKey);
            // What was accepted and not decided when the backup was made is decided now, and its notifications come later than the others.
            var alarms = await notify.Client.GetAllFromAsync("alarms");
            alarms.RemoveAll(x => ((string?)x["path"])?.StartsWith("Notify/", StringComparison.Ordinal) == true);
            var open = await Eventually.GetAsync(
                () => notify.Client.GetAllFromAsync("notifications"),
                x => x.Count >= alarms.Count && x.All(y => (string)y["status"]! == "Delivered")
                    && alarms.Select(y => (string)y["id"]!).Except(x.Select(y => (string)y["alarmId"]!)).Any() is false);
            // Not counting Notify's own alarm about the robot.
            open.RemoveAll(x => ((string)x["body"]!).Contains("Notify/Delivery", StringComparison.Ordinal));
            open.Select(x => (string)x["alarmName"]!).Should().OnlyHaveUniqueItems().And.BeSubsetOf(before);
            weCom.Log.Shown.Where(x => !x.Text.Contains("Notify/Delivery", StringComparison.Ordinal)).Select(x => x.Text.Split(' ')[1]).Should()
                .BeEquivalentTo(open.Select(x => (string)x["alarmName"]!), "what was open was sent, with the robot's secret from the backup");
            var result = await notify.Client.PostToAsync("audit/verify", new { });
            ((bool)result["valid"]!).Should().BeTrue(result.ToString());
            // That what was recorded after the backup is gone is put on record, or nothing is signed.
            using (var refused = await notify.Client.GetAsync(
                new Uri("/api/v1/audit/checkpoint", UriKind.Relative))) refused.IsSuccessStatusCode.Should().BeFalse();
            var accepted = await notify.Client.PostToAsync("audit/checkpoints/accept", new { reason = "Restored from the backup" });
            ((string)accepted["refused"]!).Should().Contain("There is no file");
            await Checkpoint(notify);
            ((bool)(await notify.Client.PostToAsync("audit/verify", new { }))["valid"]!).Should().BeTrue();
        }

        // With the checkpoints from after the backup it shows that what was recorded since then is gone: either the history ends before them,
        // or, where the restored database has recorded so much since that it reaches one of them, it is another there.
        await using (var notify = await NotifyProcess.StartNewAsync(
            weCom.BaseUrl, [.. settings, $"ConnectionStrings:Notify={restored}", $"Notify:Audit:CheckpointFile={home.FullName}/checkpoints"]))
        {
            var result = await notify.Client.PostToAsync("audit/verify", new { });
            var signed = (await File.ReadAllLinesAsync($"{home.FullName}/checkpoints", limit.Token)).Where(x => long.TryParse(x, out _))
                .Select(long.Parse).ToList();
            var (size, lastGood) = ((long)result["size"]!, (long)result["signed"]!);
            signed.Should().Contain(x => x > lastGood);
            var expected = signed.Exists(x => x > lastGood && x <= size) ? "rewritten" : "deleted";
            ((bool)result["valid"]!, (string?)result["firstBad"]?["kind"]).Should().Be((false, expected), result.ToString());
        }

        home.Delete(recursive: true);
    }

    private static async Task Checkpoint(NotifyProcess notify) =>
        await notify.Client.GetStringAsync(new Uri("/api/v1/audit/checkpoint", UriKind.Relative));
}
