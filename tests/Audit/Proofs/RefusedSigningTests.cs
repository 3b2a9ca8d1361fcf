using System.Diagnostics;
using System.Text.RegularExpressions;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Testing;
using Npgsql;

namespace Notify.Audit.Tests.Proofs;

/// <summary>With psql and the files in hand, but without the master key: Notify does not sign what somebody else has made.</summary>
public sealed class RefusedSigningTests(TamperTests.SignedHistory history) : IClassFixture<TamperTests.SignedHistory>, IAsyncLifetime
{
    /// <summary>An event is changed, and the log made anew from what is there then.</summary>
    private const string Rewrite = "rewrite";

    /// <summary>The database's mark, as it was when nothing was signed, or before the last checkpoint was.</summary>
    private const string FirstMark = "first mark", EarlierMark = "earlier mark";
    private const string NoCheckpoints = "truncate notify.audit_checkpoint";
    private const string NoLastCheckpoint = "delete from notify.audit_checkpoint where size = (select max(size) from notify.audit_checkpoint)";
    private const string NoMark = "delete from notify.audit_mark where name = 'log'";
    private const string NoKey = "truncate notify.audit_key";

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => history.RestoreAsync();

    public static TheoryData<string, string[], string> Attacks => new()
    {
        { "all that was signed is taken away", [Rewrite, NoCheckpoints, NoMark], "none" },
        { "all that was signed is taken away, and the key", [Rewrite, NoCheckpoints, NoMark, NoKey], "none" },
        { "all but the mark is taken away", [Rewrite, NoCheckpoints], "none" },
        { "all is taken away, and a mark is made", [Rewrite, NoCheckpoints, """update notify.audit_mark set value = regexp_replace(value, '"count":\d+', '"count":0') where name = 'log'"""], "none" },
        { "a store is made to look new", [NoCheckpoints, FirstMark, "update notify.mt_events set timestamp = '2020-01-01Z'"], "none" },
        { "the file is gone", [], "no file" },
        { "the file is shorter", [], "shorter" },
        { "the file and the database have lost their last", [NoLastCheckpoint], "shorter" },
        { "the file has garbage at its end", [], "garbage at the end" },
        { "the file has garbage in its middle", [], "garbage in the middle" },
        { "the file's mark is made", [], "forged mark" },
        { "the database has no checkpoint", [NoCheckpoints], "" },
        { "the database lacks one in the middle",
        ["delete from notify.audit_checkpoint where size = (select min(size) from notify.audit_checkpoint)"], "" },
        { "the database lacks its last", [NoLastCheckpoint], "" },
        { "the database is of an earlier moment", [NoLastCheckpoint, EarlierMark], "" },
        { "the database has no key", [NoKey], "" },
        { "the database has no mark", [NoMark], "" },
    };

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task a_start_does_not_sign_over_what_is_missing_and_goes_on_when_an_administrator_says_so(
        string attack, string[] database, string files)
    {
        foreach (var sql in database) await DoAsync(sql);
        await SpoilAsync(files);

        var refused = await RefusedAsync(attack);
        refused.Should().NotBeOfType<NoFileException>(refused.Message);
        (await history.VerifyAsync()).Valid.Should().BeFalse(attack);

        (await AcceptAsync()).Refused.Should().Be(refused.Message);
        (await history.Restarted().SignAsync(default)).Should().NotBeNull();
        if (!Array.Exists(database, x => x.Contains("mt_events", StringComparison.Ordinal))) (await history.VerifyAsync()).Findings.Should()
            .BeEmpty(attack);
    }

    /// <summary>A verification sees nothing of it, since nothing is left that could differ; a node that has just joined looks like that.</summary>
    [Theory]
    [InlineData("none")]
    [InlineData("no mark")]
    [InlineData("nothing since the first start")]
    public async Task a_start_without_its_own_file_does_not_sign_until_another_node_has(string files)
    {
        for (var i = 0; (await CheckpointsAsync()).Count < 6; i++) await SignMoreAsync($"Pump {i}");
        var signed = (await CheckpointsAsync())[^1].At;
        await SpoilAsync(files);
        var joined = history.Restarted(new FakeTimeProvider(signed));
        var sign = () => joined.SignAsync(default);
        await sign.Should().ThrowAsync<NoFileException>();

        // Another one, with its file, signs what has happened since.
        await history.PutFilesAsync(history.Earlier[^1].File, history.Earlier[^1].Mark);
        await SignMoreAsync($"Motor {files}", new FakeTimeProvider(signed.AddSeconds(10)));
        await SpoilAsync(files);
        (await joined.SignAsync(default))!.Value.Checkpoint.At.Should().Be(signed.AddSeconds(10));
        (await history.File.ReadAsync(default)).Checkpoints.Should().HaveCount((await CheckpointsAsync()).Count);
        (await history.Restarted().SignAsync(default)).Should().NotBeNull("it has a file from now on");
    }

    [Fact]
    public async Task a_mark_of_before_the_first_checkpoint_is_believed_for_a_day()
    {
        foreach (var sql in (string[])["update notify.mt_events set timestamp = timestamp + '25 hours'::interval", Rewrite, NoCheckpoints,
            FirstMark]) await DoAsync(sql);
        await SpoilAsync("none");
        await RefusedAsync("a day later", new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(3)));
    }

    /// <summary>It ended before its first checkpoint, since its port was in use, say, and somebody saw to that after the weekend.</summary>
    [Fact]
    public async Task a_store_whose_first_start_failed_signs_days_later()
    {
        foreach (var sql in (string[])[Rewrite, NoCheckpoints, FirstMark]) await DoAsync(sql);
        await SpoilAsync("none");
        (await history.Restarted(new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(3))).SignAsync(default)).Should().NotBeNull();
    }

    [Fact]
    public async Task a_file_that_lags_behind_is_completed_and_its_torn_end_is_mended()
    {
        // The process ended, or the disk was full, while the last checkpoint was written; the mark is as far as the file was.
        var (before, whole) = (history.Earlier[^3], history.Earlier[^1].File);
        await history.PutFilesAsync(whole[..(before.File.Length + 40)], before.Mark);
        await history.Restarted().SignAsync(default);
        var content = await history.File.ReadAsync(default);
        (content.Garbage.Count, content.Tail, content.Checkpoints.Count).Should().Be((0, "", (await CheckpointsAsync()).Count));
        (await history.VerifyAsync()).Findings.Should().BeEmpty();
    }

    [Fact]
    public async Task a_file_that_is_put_aside_while_a_verification_reads_it_accuses_nobody()
    {
        await DoAsync(NoLastCheckpoint);
        await SpoilAsync("shorter");
        var (path, mark) = (history.File.MarkPath, await File.ReadAllBytesAsync(history.File.MarkPath));
        // The verification waits for the mark, which comes through a pipe.
        File.Delete(path);
        using (var made = Process.Start("mkfifo", [path])) await made.WaitForExitAsync();
        var verifying = Task.Run(() => history.VerifyAsync());
        await using (var pipe = await Task.Run(() => new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)))
        {
            // Meanwhile an administrator has what is missing accepted, by which the file and its mark are put aside.
            File.Delete(path);
            await File.WriteAllBytesAsync(path, mark);
            (await AcceptAsync()).Refused.Should().NotBeEmpty();
            await pipe.WriteAsync(mark);
        }

        (await verifying).Findings.Should().BeEmpty();
    }

    [Fact]
    public async Task nothing_is_accepted_where_nothing_is_refused() =>
        (await FluentActions.Awaiting(AcceptAsync).Should().ThrowAsync<ProblemException>()).Which.Status.Should().Be(409);

    [Theory]
    [InlineData("update notify.audit_leaves set count = 0 where first = (select max(first) from notify.audit_leaves)", "The log's last row, at ")]
    [InlineData(
        $"truncate notify.audit_node; delete from notify.audit_leaves where first = 0; {NoCheckpoints}", "The log lacks the subtree 0 of height 8.")]
    public async Task a_log_that_is_damaged_itself_is_not_accepted_and_the_answer_says_why(string damage, string why)
    {
        await history.ExecuteAsync(damage);
        var before = await AcceptedAsync();

        var refused = (await FluentActions.Awaiting(AcceptAsync).Should().ThrowAsync<ProblemException>()).Which;

        refused.Status.Should().Be(409);
        refused.Detail.Should().StartWith($"The log itself is damaged, so no checkpoint of it can be signed: {why}");
        history.Host.Services.GetRequiredService<ProblemTexts>().Chinese(refused.Detail!).Should().StartWith("日志本身已损坏，无法为其签名检查点：日志");
        (await AcceptedAsync()).Should().Be(before);

        async Task<long> AcceptedAsync()
        {
            await using var command = history.Host.Services.GetRequiredService<NpgsqlDataSource>()
                .CreateCommand("select count(*) from notify.mt_events where type = 'audit.checkpoints_accepted.v1'");
            return (long)(await command.ExecuteScalarAsync())!;
        }
    }

    private async Task<RefusedToSignException> RefusedAsync(string why, TimeProvider? time = null)
    {
        var before = await CheckpointsAsync();
        var refused = (await FluentActions.Awaiting(() => history.Restarted(time).SignAsync(default)).Should()
            .ThrowAsync<RefusedToSignException>(why)).Which;
        (await CheckpointsAsync()).Should().HaveCount(before.Count, why);
        return refused;
    }

    private async Task SignMoreAsync(string alarm, TimeProvider? time = null)
    {
        await history.Host.PostAsync("alarms", new { alarms = new[] { new { name = alarm } } });
        await history.Follower.CatchUpAsync(TimeSpan.FromSeconds(20), default);
        await history.Restarted(time).SignAsync(default);
    }

    private Task<CheckpointsAccepted> AcceptAsync() => history.Restarted().AcceptAsync(
        history.Host.Services.GetRequiredService<EventBatches>(), history.Host.Services.GetRequiredService<IDocumentStore>(),
        AuditContext.OfSystem("test", reason: "Looked into: 4711"), default);

    private async Task<List<Audit.Proofs.Format.Checkpoint>> CheckpointsAsync()
    {
        await using var connection = await history.Host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        return [.. (await CheckpointTable.ReadAsync(connection, 0, default)).Select(x => x.Checkpoint!)];
    }

    private async Task DoAsync(string sql)
    {
        switch (sql)
        {
            case Rewrite:
                await history.ExecuteAsync(
                    $"""
                    update notify.mt_events set data = jsonb_set(data, '{"{forged}"}', '1') where seq_id = {history.Sequences[4]};
                    truncate notify.audit_leaves, notify.audit_node;
                    update notify.follower_step set position = 0
                    """);
                await history.Follower.CatchUpAsync(TimeSpan.FromSeconds(20), default);
                break;
            case FirstMark:
                await using (var connection = await history.Host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync())
                    await history.Host.Services.GetRequiredService<Marks>()
                        .WriteAsync(connection, LogMark.New(TimeProvider.System.GetUtcNow()), default);
                break;
            case EarlierMark:
                await history.ExecuteAsync(history.Earlier[^3].InDatabase);
                break;
            default:
                await history.ExecuteAsync(sql);
                break;
        }
    }

    private async Task SpoilAsync(string files)
    {
        var (path, mark) = (history.File.Path, history.File.MarkPath);
        var text = await File.ReadAllTextAsync(path);
        if (files is "none" or "no file" or "nothing since the first start") File.Delete(path);
        if (files is "none" or "no mark") File.Delete(mark);
        if (files == "nothing since the first start") await history.File.WriteMarkAsync(LogMark.New(default), default);
        if (files == "shorter") await File.WriteAllBytesAsync(path, history.Earlier[^3].File);
        if (files == "garbage at the end") await File.WriteAllTextAsync(path, text + "garbage\n");
        if (files == "garbage in the middle") await File.WriteAllTextAsync(
            path, text.Insert(text.LastIndexOf("\n\nnotify-", StringComparison.Ordinal) + 2, "garbage\n"));
        if (files == "forged mark") await File.WriteAllTextAsync(
            mark, Regex.Replace(await File.ReadAllTextAsync(mark), "\"count\":\\d+", "\"count\":9", RegexOptions.None, TimeSpan.FromSeconds(1)));
    }
}
