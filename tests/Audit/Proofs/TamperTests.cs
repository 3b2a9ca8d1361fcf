using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Notify.Audit.Proofs.Verification;
using Notify.Kernel.Events;
using Notify.Testing;
using Npgsql;

namespace Notify.Audit.Tests.Proofs;

/// <summary>With psql in hand: whatever is changed is found and named.</summary>
public sealed class TamperTests(TamperTests.SignedHistory history) : IClassFixture<TamperTests.SignedHistory>, IAsyncLifetime
{
    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => history.RestoreAsync();

    [Fact]
    public async Task an_untouched_history_verifies_as_a_whole_and_in_part()
    {
        var whole = await history.VerifyAsync();
        whole.FirstBad.Should().BeNull();
        (whole.Entries, whole.Signed).Should().Be((whole.Size, whole.Size));
        whole.Entries.Should().Be(await history.CountAsync("select count(*) from notify.mt_events where type <> 'tombstone'"));
        var part = await history.VerifyAsync(history.Sequences[3], history.Sequences[5]);
        (part.Valid, part.Entries).Should().Be((true, 3));
    }

    [Theory]
    [InlineData("data = jsonb_set(data, '{forged}', '1')")]
    [InlineData("headers = jsonb_set(headers, '{actor-name}', '\"Somebody else\"')")]
    [InlineData("timestamp = timestamp + interval '1 microsecond'")]
    [InlineData("user_name = 'somebody-else'")]
    [InlineData("correlation_id = 'other'")]
    [InlineData("causation_id = '00000000-0000-0000-0000-000000000000'")]
    [InlineData("type = 'alarms.alarm_expired.v1'")]
    [InlineData("version = 99")]
    [InlineData("id = '00000000-0000-0000-0000-000000000000'")]
    [InlineData("is_archived = true")]
    [InlineData("tenant_id = 'other'")]
    [InlineData("bdata = '\\x00'")]
    public async Task a_changed_column_is_found(string change)
    {
        var sequence = history.Sequences[4];
        await history.ExecuteAsync($"update notify.mt_events set {change} where seq_id = {sequence}");
        (await BadAsync()).Should().Match<Finding>(x => x.Kind == "changed" && x.Sequence == sequence);
    }

    [Fact]
    public async Task a_deleted_row_is_named_also_the_last_one()
    {
        foreach (var sequence in (long[])[history.Sequences[4], history.Sequences[^1]])
        {
            await history.ExecuteAsync($"delete from notify.mt_events where seq_id = {sequence}");
            (await BadAsync()).Should().Match<Finding>(x => x.Kind == "deleted" && x.Sequence == sequence);
            await history.RestoreAsync();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task an_inserted_row_is_named_also_before_the_first(bool first)
    {
        var place = first ? -1 : history.FreeSequence;
        await history.ExecuteAsync(
            $"""
            insert into notify.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, correlation_id, causation_id, headers, user_name)
            select {place}, gen_random_uuid(), stream_id, 99, data, type, timestamp, mt_dotnet_type, correlation_id, causation_id, headers, user_name
            from notify.mt_events where seq_id = {history.Sequences[4]}
            """);
        (await BadAsync()).Should().Match<Finding>(x => x.Kind == "inserted" && x.Sequence == place);
    }

    [Fact]
    public async Task two_rows_that_have_changed_places_are_named()
    {
        var (a, b) = (history.Sequences[3], history.Sequences[6]);
        await history.ExecuteAsync(
            $"update notify.mt_events set seq_id = -1 where seq_id = {a}; update notify.mt_events set seq_id = {a} where seq_id = {b}; update notify.mt_events set seq_id = {b} where seq_id = -1");
        (await BadAsync()).Should().Match<Finding>(x => x.Kind == "reordered" && x.Sequence == a);
    }

    [Theory]
    [InlineData("delete from notify.mt_events where seq_id > {0}", "deleted")]
    [InlineData("delete from notify.audit_leaves where first_sequence > {0}", "deleted")]
    [InlineData("delete from notify.audit_checkpoint where size > 1", "checkpoint")]
    [InlineData("delete from notify.audit_checkpoint where size > 1; delete from notify.audit_leaves where first_sequence > {0}; delete from notify.mt_events where seq_id > {0}; update notify.follower_step set position = {0}", "deleted")]
    public async Task an_old_copy_of_one_table_or_of_all_is_found(string restore, string kind)
    {
        await history.ExecuteAsync(string.Format(CultureInfo.InvariantCulture, restore, history.EndOfFirstBatch));
        (await BadAsync()).Kind.Should().Be(kind);
    }

    [Theory]
    [InlineData("update notify.audit_leaves set hashes = overlay(hashes placing '\\x00'::bytea from 5) where first = (select max(first) from notify.audit_leaves)", "log")]
    [InlineData("update notify.audit_leaves set offsets = '\\x00'::bytea where first = 0", "log")]
    [InlineData("delete from notify.audit_leaves where first = 0", "log")]
    [InlineData("update notify.audit_leaves set seeds = overlay(seeds placing '\\x0000'::bytea from 5) where first = 0", "changed")]
    [InlineData("update notify.audit_node set hash = overlay(hash placing '\\x0000'::bytea from 5)", "log")]
    [InlineData("delete from notify.audit_node", "log")]
    [InlineData("update notify.audit_checkpoint set note = replace(note, 'at 20', 'at 19')", "checkpoint")]
    [InlineData("insert into notify.audit_redaction values (1, '', '{0}', '')", "log")]
    public async Task changes_of_the_log_s_own_tables_are_found(string change, string kind)
    {
        await history.ExecuteAsync(change);
        (await BadAsync()).Kind.Should().Be(kind);
    }

    [Fact]
    public async Task beside_a_changed_leaf_what_no_leaf_covers_is_still_named()
    {
        var (archived, foreign) = (history.Sequences[^4], history.Sequences[^3]);
        await history.ExecuteAsync(
            $"""
            update notify.audit_leaves set hashes = overlay(hashes placing '\x00'::bytea from 5) where first = (select max(first) from notify.audit_leaves);
            update notify.mt_events set is_archived = true where seq_id = {archived};
            update notify.mt_events set tenant_id = 'other' where seq_id = {foreign}
            """);
        (await history.VerifyAsync()).Findings.Select(x => (x.Kind, x.Sequence)).Should()
            .Contain([("changed", archived), ("changed", foreign)]).And.Contain(x => x.Kind == "log");
    }

    /// <summary>Whoever can write a row must not be able to switch the verification off with it, nor hide another change behind it.</summary>
    [Theory]
    [InlineData("insert into notify.audit_redaction values ({0}, '', '{{0}}', '')", "log")]
    [InlineData("insert into notify.audit_redaction values ({0}, '\\x00', '{{0,NULL}}', '\\x0000')", "log")]
    [InlineData("insert into notify.audit_redaction values ({0}, '\\x00', '{{{{0}},{{0}}}}', '\\x0000')", "log")]
    [InlineData("insert into notify.audit_redaction values ({0}, '', '{{}}', '')", "log")]
    [InlineData("insert into notify.audit_redaction values ({0}, decode(repeat('00', 16), 'hex'), '{{0}}', decode(repeat('00', 32), 'hex'))",
        "erasure")]
    [InlineData("insert into notify.audit_redaction values (-1, decode(repeat('00', 16), 'hex'), '{{0}}', decode(repeat('00', 32), 'hex'))",
        "erasure")]
    [InlineData("insert into notify.audit_leaves select 9223372036854775807, 1, form, 1, 1, '', hashes, seeds from notify.audit_leaves where first = 0", "log")]
    [InlineData("insert into notify.audit_leaves values (-5, 268435456, 1, 1, 268435456, '', '', '')", "log")]
    [InlineData("update notify.audit_leaves set count = 268435456, last_sequence = first_sequence + 268435455, hashes = '', seeds = '', offsets = '' where first = 0", "log")]
    [InlineData("insert into notify.audit_node values (-1, -1, '')", "log")]
    [InlineData("insert into notify.audit_checkpoint values (-1, '')", "checkpoint")]
    [InlineData("update notify.audit_checkpoint set note = E'\n\n'", "checkpoint")]
    [InlineData("update notify.mt_events set timestamp = 'infinity' where seq_id = {0}", "changed")]
    [InlineData("update notify.mt_events set timestamp = '4000-01-01 BC' where seq_id = {0}", "changed")]
    [InlineData("update notify.mt_events set stream_id = null where seq_id = {0}", "changed")]
    [InlineData("update notify.mt_events set data = '[]', headers = '1' where seq_id = {0}", "changed")]
    [InlineData("update notify.mt_events set data = (repeat('{{\"$a\":', 500) || '1' || repeat('}}', 500))::jsonb where seq_id = {0}", "changed")]
    [InlineData("update notify.mt_events set type = 'audit.entries_expired.v1', data = '{{\"entries\":[{{\"sequence\":\"x\"}},{{\"sequence\":1e99,\"values\":7}},3]}}' where seq_id = {0}; insert into notify.audit_redaction values (7, '', '{{0}}', '')", "changed")]
    [InlineData("update notify.mt_events set type = 'audit.entries_expired.v1', data = '{{\"entries\":{{}}}}' where seq_id = {0}; insert into notify.audit_redaction values (7, '', '{{0}}', '')", "log")]
    public async Task a_row_that_cannot_be_read_is_found_and_hides_nothing_else(string damage, string kind)
    {
        await history.ExecuteAsync(string.Format(CultureInfo.InvariantCulture, damage, history.Sequences[2]));
        // The event is looked for whose leaf is in a row that nobody has touched.
        var other = history.Sequences[^1];
        await history.ExecuteAsync($"update notify.mt_events set data = jsonb_set(data, '{"{forged}"}', '1') where seq_id = {other}");
        var result = await history.VerifyAsync();
        result.Findings.Should().Contain(x => x.Kind == kind).And.Contain(x => x.Kind == "changed" && x.Sequence == other);
        (result.Valid, result.Found, result.FirstBad).Should().Be((false, result.Findings.Count, result.Findings[0]));
    }

    [Fact]
    public async Task everything_that_was_changed_is_named_not_only_the_first()
    {
        long[] changed = [history.Sequences[2], history.Sequences[5], history.Sequences[^9]];
        foreach (var sequence in changed) await history.ExecuteAsync($"update notify.mt_events set user_name = 'x' where seq_id = {sequence}");
        var deleted = history.Sequences[^3];
        await history.ExecuteAsync($"delete from notify.mt_events where seq_id = {deleted}; delete from notify.audit_node");
        var result = await history.VerifyAsync();
        result.Findings.Where(x => x.Kind == "changed").Select(x => x.Sequence).Should().Equal(changed.Select(x => (long?)x));
        result.Findings.Should().ContainSingle(x => x.Kind == "deleted" && x.Sequence == deleted).And.ContainSingle(x => x.Kind == "log");

        await history.RestoreAsync();
        await history.ExecuteAsync("update notify.mt_events set user_name = 'x'");
        result = await history.VerifyAsync();
        result.Findings.Should().HaveCount(VerificationResult.MostFindings, "a list has an end");
        result.Found.Should().BeGreaterThanOrEqualTo(history.Sequences.Length, "and what tables say beside the events");
    }

    [Fact]
    public async Task a_history_rewritten_with_its_log_and_its_checkpoints_is_found_by_the_file_and_not_signed()
    {
        await history.ExecuteAsync(
            $"""
            update notify.mt_events set data = jsonb_set(data, '{"{forged}"}', '1') where seq_id = {history.Sequences[4]};
            truncate notify.audit_leaves, notify.audit_node, notify.audit_checkpoint;
            update notify.follower_step set position = 0
            """);
        await history.Follower.CatchUpAsync(TimeSpan.FromSeconds(20), default);
        var forger = new NoteSigner(history.Origin, [.. Enumerable.Range(0, 32).Select(x => (byte)x)]);
        await history.ForgeCheckpointAsync(forger);
        (await BadAsync()).Kind.Should().Be("rewritten");
        var sign = () => history.Signer.SignAsync(default);
        await sign.Should().ThrowAsync<LogDamagedException>();
    }

    private async Task<Finding> BadAsync()
    {
        var result = await history.VerifyAsync();
        result.Valid.Should().BeFalse();
        result.FirstBad!.Explanation.Should().NotBeEmpty();
        return result.FirstBad;
    }

    /// <summary>A short history, followed in two parts and signed, that can be put back as it was.</summary>
    public sealed class SignedHistory : IAsyncLifetime
    {
        private static readonly string[] tables = ["mt_events", "audit_leaves", "audit_node", "audit_checkpoint", "audit_key", "audit_mark",
            "audit_redaction", "follower_step"];
        private NotifyHost host = null!;
        private NpgsqlDataSource database = null!;

        public long[] Sequences { get; private set; } = [];

        public long FreeSequence { get; private set; }

        public long EndOfFirstBatch { get; private set; }

        public string Origin { get; private set; } = "";

        public NotifyHost Host => host;

        public CheckpointFile File => host.Services.GetRequiredService<CheckpointFile>();

        /// <summary>The file, its mark and the database's, as they were when something was signed.</summary>
        public List<(byte[] File, byte[] Mark, string InDatabase)> Earlier { get; } = [];

        /// <summary>As a process that starts now would do it, which remembers nothing.</summary>
        public CheckpointSigner Restarted(TimeProvider? time = null) => ActivatorUtilities.CreateInstance<CheckpointSigner>(
            host.Services, ActivatorUtilities.CreateInstance<CheckpointGuard>(host.Services, time ?? TimeProvider.System),
            time ?? TimeProvider.System);

        public CheckpointSigner Signer => host.Services.GetRequiredService<CheckpointSigner>();

        public EventFollower Follower => host.Services.GetRequiredService<EventFollower>();

        public async Task InitializeAsync()
        {
            host = await NotifyHost.StartAsync();
            database = host.Services.GetRequiredService<NpgsqlDataSource>();
            await Signer.StopAsync(default);
            var example = await Example.MakeAsync(host);
            EndOfFirstBatch = await FollowAndSignAsync();
            FreeSequence = await CountAsync("select nextval('notify.mt_events_sequence')");
            // Without a rule the decision is the end: nothing follows it once it is on record.
            (await host.SendAsync("DELETE", $"rules/{example.RuleId}", null, "If-Match", "\"1\"")).Status.Should().Be(204);
            // Enough for one subtree that is kept.
            for (var i = 0; i < 3; i++)
                await host.PostAsync("alarms", new
                {
                    alarms = Enumerable.Range(0, 100)
                    .Select(x => new { name = $"Alarm {i} {x}", path = "Site1", eventTime = "2026-01-31T08:00:00Z" })
                });
            await Eventually.GetAsync(() => CountAsync("select count(*) from notify.mt_events where type = 'rules.alarm_decided.v1'"), x => x == 300);
            await FollowAndSignAsync();
            await using var command = database.CreateCommand(
                "select array_agg(seq_id order by seq_id) from notify.mt_events where type <> 'tombstone'");
            Sequences = (long[])(await command.ExecuteScalarAsync())!;
            // From here on nothing but the tests touches the tables.
            await Follower.StopAsync(default);
            Origin = (await Signer.SignAsync(default))!.Value.Checkpoint.Origin;
            await RememberAsync();
            await ExecuteAsync(string.Join(';', tables.Select(x => $"create table {x}_backup as table notify.{x}")));
        }

        public async Task DisposeAsync() => await host.DisposeAsync();

        public async Task RestoreAsync()
        {
            await ExecuteAsync(string.Join(';', tables.Select(x => $"truncate notify.{x} cascade; insert into notify.{x} select * from {x}_backup")));
            await PutFilesAsync(Earlier[^1].File, Earlier[^1].Mark);
        }

        public async Task PutFilesAsync(byte[] file, byte[] mark)
        {
            foreach (var stray in Directory.GetFiles(host.DataDirectory, "checkpoints*")) System.IO.File.Delete(stray);
            await System.IO.File.WriteAllBytesAsync(File.Path, file);
            await System.IO.File.WriteAllBytesAsync(File.MarkPath, mark);
        }

        public Task<VerificationResult> VerifyAsync(long from = 0, long to = long.MaxValue) =>
            host.Services.GetRequiredService<LogVerifier>().VerifyAsync(from, to, null, default);

        public async Task ExecuteAsync(string sql)
        {
            await using var command = database.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }

        public async Task<long> CountAsync(string sql)
        {
            await using var command = database.CreateCommand(sql);
            return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
        }

        public async Task ForgeCheckpointAsync(NoteSigner forger)
        {
            await using var connection = await database.OpenConnectionAsync();
            var size = await LogReader.SizeAsync(connection, default);
            var root = await LogReader.RangeAsync(connection, new(0, size), default);
            var note = SignedNote.Sign(new Checkpoint(Origin, size, root, TimeProvider.System.GetUtcNow()).Text, forger);
            await CheckpointTable.InsertAsync(connection, size, note, default);
            await ExecuteAsync($"insert into notify.audit_key select '{forger.Key}', sealed, now(), null from notify.audit_key");
        }

        private async Task<long> FollowAndSignAsync()
        {
            (await Follower.CatchUpAsync(TimeSpan.FromSeconds(30), default)).Should().BeTrue();
            await Signer.SignAsync(default);
            await RememberAsync();
            return Follower.Position;
        }

        private async Task RememberAsync()
        {
            await using var command = database.CreateCommand(
                "select 'update notify.audit_mark set value = ' || quote_literal(value) || ', mac = ' || quote_literal(mac) || ' where name = ' || quote_literal(name) from notify.audit_mark where name = 'log'");
            Earlier.Add((await System.IO.File.ReadAllBytesAsync(File.Path), await System.IO.File.ReadAllBytesAsync(File.MarkPath),
                (string)(await command.ExecuteScalarAsync())!));
        }
    }
}
