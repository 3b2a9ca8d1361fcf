using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Notify.Host.Postgres;
using Npgsql;

namespace Notify.Host.Tests;

public sealed class EmbeddedPostgresTests : IDisposable
{
    readonly string root = Directory.CreateTempSubdirectory("notify-postgres-").FullName;

    string Data => Path.Combine(root, "data");

    public void Dispose() => Directory.Delete(root, recursive: true);

    static Task<EmbeddedPostgres> StartAsync(string dataDirectory) => EmbeddedPostgres.StartAsync(
        new EmbeddedPostgresOptions { DataDirectory = dataDirectory, Settings = new Dictionary<string, string> { ["shared_buffers"] = "16MB" } },
        NullLogger.Instance);

    static async Task<object?> QueryAsync(EmbeddedPostgres postgres, string sql)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    static async Task SignalAsync(string signal, params int[] processes)
    {
        using var kill = Process.Start("sh", ["-c", $"kill -{signal} {string.Join(' ', processes)}"]);
        await kill.WaitForExitAsync();
    }

    static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!await condition()) await Task.Delay(50, limit.Token);
    }

    [Fact]
    public async Task data_is_there_after_a_stop_and_a_start()
    {
        await using (var first = await StartAsync(Data)) await QueryAsync(first, "create table kept as select 42 as answer");

        await using var second = await StartAsync(Data);
        (await QueryAsync(second, "select answer from kept")).Should().Be(42);
    }

    [Fact]
    public async Task the_cluster_is_durable_encoded_in_utf8_checks_its_pages_and_asks_for_a_password()
    {
        await using var postgres = await StartAsync(Data);

        (await QueryAsync(postgres, "show fsync")).Should().Be("on");
        (await QueryAsync(postgres, "show synchronous_commit")).Should().Be("on");
        (await QueryAsync(postgres, "show server_encoding")).Should().Be("UTF8");
        (await QueryAsync(postgres, "show data_checksums")).Should().Be("on");
        (await QueryAsync(postgres, "show shared_buffers")).Should().Be("16MB", "options override the settings");
        (await QueryAsync(postgres, "select lower('ÄПΩ')")).Should().Be("äпω");
        (await QueryAsync(postgres, "select usesuper from pg_user where usename = current_user")).Should().Be(false);
        File.GetUnixFileMode(Path.Combine(Data, "pgpass")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        var wrong = new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Password = "wrong", Pooling = false };
        await using var connection = new NpgsqlConnection(wrong.ConnectionString);
        (await connection.Invoking(c => c.OpenAsync()).Should().ThrowAsync<PostgresException>()).Which.SqlState.Should()
            .Be(PostgresErrorCodes.InvalidPassword);
    }

    [Fact]
    public async Task a_server_left_behind_by_a_killed_starter_is_taken_over()
    {
        var killed = await StartAsync(Data);
        await QueryAsync(killed, "create table kept as select 42 as answer");
        await killed.AbandonAsync();

        await using var next = await StartAsync(Data);

        next.ProcessId.Should().Be(killed.ProcessId);
        (await QueryAsync(next, "select answer from kept")).Should().Be(42);
    }

    [Fact]
    public async Task a_server_taken_over_is_watched_and_stopped_like_any_other()
    {
        await (await StartAsync(Data)).AbandonAsync();
        var next = await StartAsync(Data);
        var adopted = next.ProcessId;

        await SignalAsync("KILL", adopted);
        await UntilAsync(async () => next.ProcessId != adopted && await AnswersAsync(next));
        await next.StopAsync();

        Cluster.IsRunning(next.ProcessId).Should().BeFalse();
    }

    [Fact]
    public async Task a_server_killed_together_with_its_starter_recovers_also_when_a_busy_child_lives_on()
    {
        var killed = await StartAsync(Data);
        await QueryAsync(killed, "create table kept as select 42 as answer");
        // A process that computes does not notice that its parent is gone.
        var busy = QueryAsync(killed, "select count(*) from generate_series(1, 20000000000)");
        await UntilAsync(async () => await QueryAsync(killed,
            "select count(*) from pg_stat_activity where state = 'active' and query like '%generate_series%' and pid <> pg_backend_pid()") is 1L);
        await killed.AbandonAsync();
        await SignalAsync("KILL", killed.ProcessId);

        await using var next = await StartAsync(Data);

        next.ProcessId.Should().NotBe(killed.ProcessId);
        (await QueryAsync(next, "select answer from kept")).Should().Be(42);
        await busy.Invoking(b => b).Should().ThrowAsync<NpgsqlException>();
    }

    [Fact]
    public async Task a_server_that_is_just_stopping_is_waited_for()
    {
        var killed = await StartAsync(Data);
        await QueryAsync(killed, "create table kept as select i from generate_series(1, 100000) i");
        await killed.AbandonAsync();
        await SignalAsync("INT", killed.ProcessId);

        await using var next = await StartAsync(Data);

        (await QueryAsync(next, "select count(*) from kept")).Should().Be(100000L);
    }

    [Fact]
    public async Task a_stale_pid_file_that_names_a_living_stranger_does_not_matter()
    {
        var first = await StartAsync(Data);
        var file = Path.Combine(Data, "postgres", "postmaster.pid");
        var lines = await File.ReadAllLinesAsync(file);
        await first.StopAsync();
        using var stranger = Process.Start("sleep", ["600"]);
        lines[0] = stranger.Id.ToString(CultureInfo.InvariantCulture);
        await File.WriteAllLinesAsync(file, lines);

        await using var second = await StartAsync(Data);

        (await QueryAsync(second, "select 1")).Should().Be(1);
        stranger.HasExited.Should().BeFalse();
        stranger.Kill();
    }

    [Fact]
    public async Task a_server_that_is_killed_is_started_again_on_the_same_port()
    {
        await using var postgres = await StartAsync(Data);
        await QueryAsync(postgres, "create table kept as select 42 as answer");
        var (before, connectionString) = (postgres.ProcessId, postgres.ConnectionString);

        await SignalAsync("KILL", before);
        await UntilAsync(async () => postgres.ProcessId != before && await AnswersAsync(postgres));

        postgres.ConnectionString.Should().Be(connectionString);
        (await QueryAsync(postgres, "select answer from kept")).Should().Be(42);
    }

    [Fact]
    public async Task a_port_that_was_taken_meanwhile_is_replaced_by_another()
    {
        var first = await StartAsync(Data);
        var port = new NpgsqlConnectionStringBuilder(first.ConnectionString).Port;
        await first.StopAsync();
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, port);
        taken.Start();

        await using var second = await StartAsync(Data);

        new NpgsqlConnectionStringBuilder(second.ConnectionString).Port.Should().NotBe(port);
        (await QueryAsync(second, "select 1")).Should().Be(1);
    }

    [Fact]
    public async Task a_second_starter_on_the_same_directory_is_refused()
    {
        await using var first = await StartAsync(Data);

        (await FluentActions.Awaiting(() => StartAsync(Data)).Should().ThrowAsync<EmbeddedPostgresException>())
            .WithMessage($"Another Notify already uses the data directory {Data}.*");
        var command = new EmbeddedPostgresOptions { DataDirectory = Data, IsForCommand = true };
        (await FluentActions.Awaiting(() => EmbeddedPostgres.StartAsync(command, NullLogger.Instance)).Should()
            .ThrowAsync<EmbeddedPostgresException>()).WithMessage($"Notify is running on the data directory {Data}, *. Stop it, repeat this command, and start it again.");
        (await QueryAsync(first, "select 1")).Should().Be(1);
    }

    [Fact]
    public async Task two_directories_are_served_side_by_side()
    {
        await using var one = await StartAsync(Path.Combine(root, "one"));
        await using var other = await StartAsync(Path.Combine(root, "other"));
        await QueryAsync(one, "create table only_here ()");

        (await QueryAsync(other, "select to_regclass('only_here') is null")).Should().Be(true);
    }

    [Theory]
    [InlineData("with spaces 'and quotes'")]
    [InlineData("数据目录")]
    [InlineData("deep/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/c")]
    public async Task the_directory_may_have_any_name(string name)
    {
        await using var postgres = await StartAsync(Path.Combine(root, name));

        (await QueryAsync(postgres, "select 1")).Should().Be(1);
    }

    [Fact]
    public async Task nobody_else_needs_access_to_the_directories_above()
    {
        // When root runs the tests, the server runs as another user, who cannot pass this directory.
        var closed = Directory.CreateDirectory(
            Path.Combine(root, "closed"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        var first = await StartAsync(Path.Combine(closed, "data"));
        await QueryAsync(first, "create table kept as select 42 as answer");
        await first.AbandonAsync();
        await using var second = await StartAsync(Path.Combine(closed, "data"));

        second.ProcessId.Should().Be(first.ProcessId);
        (await QueryAsync(second, "select answer from kept")).Should().Be(42);
        File.GetUnixFileMode(closed).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task a_half_made_cluster_is_made_anew()
    {
        Directory.CreateDirectory(Path.Combine(Data, "postgres.new", "base"));
        await File.WriteAllTextAsync(Path.Combine(Data, "postgres.new", "PG_VERSION"), "15");

        await using var postgres = await StartAsync(Data);

        (await QueryAsync(postgres, "select 1")).Should().Be(1);
        Directory.Exists(Path.Combine(Data, "postgres.new")).Should().BeFalse();
    }

    [Fact]
    public async Task a_failed_start_tells_what_the_server_said_and_no_password()
    {
        await (await StartAsync(Data)).StopAsync();
        var options = new EmbeddedPostgresOptions
        {
            DataDirectory = Data,
            Settings = new Dictionary<string, string> { ["shared_buffers"] = "a lot" }
        };

        var failure = await FluentActions.Awaiting(() => EmbeddedPostgres.StartAsync(options, NullLogger.Instance)).Should()
            .ThrowAsync<EmbeddedPostgresException>();

        failure.Which.Message.Should().Contain("invalid value for parameter \"shared_buffers\": \"a lot\"");
        foreach (var line in await File.ReadAllLinesAsync(Path.Combine(Data, "pgpass"))) failure.Which.Message.Should()
            .NotContain(line.Split(':')[^1]);
        await (await StartAsync(Data)).StopAsync();
    }

    [Fact]
    public async Task a_directory_without_a_server_says_what_to_install()
    {
        var options = new EmbeddedPostgresOptions { DataDirectory = Data, BinDirectory = root };

        (await FluentActions.Awaiting(() => EmbeddedPostgres.StartAsync(options, NullLogger.Instance)).Should()
            .ThrowAsync<EmbeddedPostgresException>())
            .WithMessage($"*is not installed in {root}*apt-get install postgresql*");
    }

    [Fact]
    public async Task the_server_has_a_session_of_its_own_and_none_of_our_environment()
    {
        Environment.SetEnvironmentVariable("NOTIFY_TEST_SECRET", "not for the server");
        await using var postgres = await StartAsync(Data);

        var stat = await File.ReadAllTextAsync($"/proc/{postgres.ProcessId}/stat");
        var session = stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[3];
        session.Should().Be(postgres.ProcessId.ToString(CultureInfo.InvariantCulture));
        // The server is asked itself: root in a container may not look into another user's process.
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(postgres.SuperuserConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select pg_read_binary_file('/proc/self/environ')", connection);
        Encoding.UTF8.GetString((byte[])(await command.ExecuteScalarAsync())!).Should().NotContain("NOTIFY_TEST_SECRET");
    }

    static async Task<bool> AnswersAsync(EmbeddedPostgres postgres)
    {
        try
        {
            return await QueryAsync(postgres, "select 1") is 1;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}
