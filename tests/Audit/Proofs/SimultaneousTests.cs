using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Erasing;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Notify.Audit.Proofs.Verification;
using Notify.Testing;
using Npgsql;

namespace Notify.Audit.Tests.Proofs;

/// <summary>While a history is verified it goes on: what is read at another moment accuses nobody.</summary>
public sealed class SimultaneousTests
{
    [Fact]
    public async Task a_checkpoint_that_is_signed_while_the_history_is_verified_is_no_forgery()
    {
        await using var host = await StartAsync();
        await Verifiers.SignAsync(host);
        await ReportAsync(host, "Motor too hot");
        await host.Services.GetRequiredService<EventFollower>().CatchUpAsync(TimeSpan.FromSeconds(20), default);
        // The verification has taken its snapshot, and waits for the keys; meanwhile a checkpoint is signed and written to the file.
        await using var connection = await OpenAsync(host);
        await using var transaction = await connection.BeginTransactionAsync();
        await ExecuteAsync(connection, "lock table notify.audit_key in access exclusive mode");
        var verifying = host.Services.GetRequiredService<LogVerifier>().VerifyAsync(0, long.MaxValue, null, default);
        await WaitsForAsync(host, "audit_key");
        var key = (await host.Services.GetRequiredService<LogKeys>().LoadAsync(connection, default))[0];
        var size = await LogReader.SizeAsync(connection, default);
        var root = await LogReader.RangeAsync(connection, new(0, size), default);
        var note = SignedNote.Sign(
            new Checkpoint(key.Public.Name, size, root, TimeProvider.System.GetUtcNow()).Text, new NoteSigner(key.Public.Name, key.Private!));
        await CheckpointTable.InsertAsync(connection, size, note, default);
        await host.Services.GetRequiredService<CheckpointFile>().AppendAsync([note], default);
        await transaction.CommitAsync();

        var result = await verifying;
        result.Findings.Should().BeEmpty();
        result.Signed.Should().BeLessThan(size, "it was verified as of before");
        (await host.Services.GetRequiredService<LogVerifier>().VerifyAsync(0, long.MaxValue, null, default)).Signed.Should().Be(size);
    }

    [Fact]
    public async Task verifications_beside_signings_on_two_nodes_and_alarms_find_nothing()
    {
        await using var host = await StartAsync();
        await using var other = await NotifyHost.StartAsync(["Notify:Audit:CheckpointInterval=00:00:00.1"], sameStoreAs: host);
        using var stop = new CancellationTokenSource();
        var signed = 0;
        var busy = new[] { host, other }.Select((node, number) => Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await ReportAsync(node, $"Motor {number} {i}");
                (await node.SendAsync("GET", "audit/checkpoint")).Status.Should().Be(200);
                Interlocked.Increment(ref signed);
            }
        })).ToList();
        var results = new List<VerificationResult>();
        while (results.Count < 40 || Volatile.Read(ref signed) < 40)
        {
            results.Add(await (results.Count % 2 == 0 ? host : other).Services.GetRequiredService<LogVerifier>()
                .VerifyAsync(0, long.MaxValue, null, default));
            if (busy.Exists(x => x.IsFaulted)) break;
        }

        await stop.CancelAsync();
        await Task.WhenAll(busy);
        results.SelectMany(x => x.Findings).Should().BeEmpty();
        // Nor do the two nodes, which write one file, tear what the other writes.
        var file = await host.Services.GetRequiredService<CheckpointFile>().ReadAsync(default);
        (file.Garbage, file.Tail).Should().BeEquivalentTo((Array.Empty<string>(), ""));
    }

    [Fact]
    public async Task nothing_is_put_away_while_something_is_erased()
    {
        await using var host = await StartAsync();
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot", state = "ClearedAcked" } } });
        await Verifiers.SignAsync(host);
        await using var connection = await OpenAsync(host);
        await using var transaction = await connection.BeginTransactionAsync();
        await RedactedEvent.LockAsync(connection, default);
        var expiring = RetentionTests.ExpireAsync(host, "alarm", days: 31);
        await WaitsForAsync(host, null);
        await transaction.CommitAsync();
        (await expiring).Should().Be(1);
    }

    private static Task<NotifyHost> StartAsync() => NotifyHost.StartAsync(["Notify:Audit:CheckpointInterval=00:01:00"]);

    private static async Task ReportAsync(NotifyHost host, string name) => await host.PostAsync("alarms", new { alarms = new[] { new { name } } });

    private static async Task<NpgsqlConnection> OpenAsync(NotifyHost host) =>
        await host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Until somebody waits for a lock on this table; null: for an advisory lock.</summary>
    private static async Task WaitsForAsync(NotifyHost host, string? table) => await Eventually.GetAsync(
        async () =>
        {
            await using var command = host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(table is null
                ? "select exists (select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database()))"
                : $"select exists (select from pg_locks where relation = 'notify.{table}'::regclass and not granted)");
            return (bool)(await command.ExecuteScalarAsync())!;
        },
        x => x);
}
