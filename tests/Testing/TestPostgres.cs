using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Notify.Host.Postgres;
using Npgsql;
using Testcontainers.PostgreSql;

namespace Notify.Testing;

/// <summary>
/// Databases on a real PostgreSQL: the server that NOTIFY_TEST_POSTGRES names (a connection string whose user may create databases), else a container
/// where a Docker engine answers, else the binaries of this machine. One server for all tests of the process.
/// </summary>
public static class TestPostgres
{
    static readonly Lazy<Task<string>> server = new(StartServerAsync);
    static readonly ConcurrentDictionary<string, Lazy<Task<string>>> templates = new(StringComparer.Ordinal);

    // Both live as long as the process; the second also tells the cleaner, by its end, that the process has ended.
    static EmbeddedPostgres? ownServer;
    static Process? cleaner;

    /// <summary>A fresh, empty database.</summary>
    public static async Task<TestDatabase> CreateDatabaseAsync()
    {
        var name = NewName("db");
        await ExecuteAsync($"create database {name}");
        return new TestDatabase(name, await ConnectionStringAsync(name));
    }

    /// <summary>A copy of a template, which is prepared once in this process: faster than to make the same schema for each test.</summary>
    /// <param name="templateName">Any name; the same name means the same content.</param>
    /// <param name="prepareTemplate">Gets the connection string of the empty template and fills it.</param>
    public static async Task<TestDatabase> CreateDatabaseAsync(string templateName, Func<string, Task> prepareTemplate)
    {
        var template = await templates.GetOrAdd(templateName, _ => new Lazy<Task<string>>(() => MakeTemplateAsync(prepareTemplate))).Value;
        var name = NewName("db");
        // Files are copied as they are, with the catalog that backends keep beside them; block by block through the log takes twice the time.
        await ExecuteAsync($"create database {name} template {template} strategy file_copy");
        return new TestDatabase(name, await ConnectionStringAsync(name));
    }

    internal static async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(await server.Value);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 120 };
        await command.ExecuteNonQueryAsync();
    }

    static async Task<string> MakeTemplateAsync(Func<string, Task> prepare)
    {
        var name = NewName("template");
        await ExecuteAsync($"create database {name}");
        await prepare(await ConnectionStringAsync(name));
        // A database is copied only while nobody is connected to it, and pools and daemons come back by themselves.
        await ExecuteAsync($"alter database {name} allow_connections false");
        await ExecuteAsync($"select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = '{name}'");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => DropQuietly(name);
        return name;
    }

    static void DropQuietly(string name)
    {
        // Only of use on a server that outlives us; there a template that stays harms nobody.
        if (ownServer is not null) return;
        try { ExecuteAsync($"drop database if exists {name} with (force)").Wait(TimeSpan.FromSeconds(5)); }
        catch (AggregateException) { }
    }

    static string NewName(string kind) => $"notify_test_{kind}_{Guid.NewGuid():N}";

    static async Task<string> ConnectionStringAsync(string database) =>
        new NpgsqlConnectionStringBuilder(await server.Value) { Database = database }.ConnectionString;

    static async Task<string> StartServerAsync()
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_TEST_POSTGRES") is { Length: > 0 } given) return given;
        if (await DockerAnswersAsync() && await TryStartContainerAsync() is { } container) return container;

        var directory = Directory.CreateTempSubdirectory("notify-test-postgres-").FullName;
        cleaner = StartCleaner(directory);
        ownServer = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataDirectory = directory, Settings = ThrowawaySettings() }, NullLogger.Instance);
        return ownServer.SuperuserConnectionString;
    }

    /// <summary>Nothing here needs to survive a crash of the machine.</summary>
    static Dictionary<string, string> ThrowawaySettings() => new(StringComparer.Ordinal)
    {
        ["fsync"] = "off",
        ["full_page_writes"] = "off",
        ["shared_buffers"] = "128MB",
        ["max_connections"] = "500",
    };

    static async Task<string?> TryStartContainerAsync()
    {
        try
        {
            string[] settings = [.. ThrowawaySettings().SelectMany(s => (string[])["-c", $"{s.Key}={s.Value}"])];
            var container = new PostgreSqlBuilder("postgres:15").WithCommand(settings).Build();
            await container.StartAsync();
            return container.GetConnectionString();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // An engine without the image and without a way to it: the machine's own binaries do as well.
            await Console.Error.WriteLineAsync($"No PostgreSQL container: {e.Message}");
            return null;
        }
    }

    static async Task<bool> DockerAnswersAsync()
    {
        var host = Environment.GetEnvironmentVariable("DOCKER_HOST") is { Length: > 0 } given ? given : "unix:///var/run/docker.sock";
        if (!Uri.TryCreate(host, UriKind.Absolute, out var uri)) return false;
        var unix = uri.Scheme == "unix";
        if (unix && !File.Exists(uri.LocalPath)) return false;
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            using var socket = unix
                ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
            if (unix) await socket.ConnectAsync(new UnixDomainSocketEndPoint(uri.LocalPath), limit.Token);
            else await socket.ConnectAsync(uri.Host, uri.Port, limit.Token);
            await socket.SendAsync("GET /_ping HTTP/1.0\r\n\r\n"u8.ToArray(), limit.Token);
            var answer = new byte[64];
            var length = await socket.ReceiveAsync(answer, limit.Token);
            return Encoding.ASCII.GetString(answer, 0, length).Contains(" 200 ", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>
    /// A shell that waits until this process has ended, also when it was killed or had no time to clean up (a test host gets 100 ms), and then
    /// stops what serves the directory (a Notify, a PostgreSQL) and removes it. It notices by the end of the pipe to it.
    /// </summary>
    internal static Process StartCleaner(string directory)
    {
        const string clean = """
            cat >/dev/null
            notify=$(cat "$1/notify.pid" 2>/dev/null) && kill -KILL "$notify"
            if server=$(head -n 1 "$1/postgres/postmaster.pid" 2>/dev/null) && kill -QUIT "$server"; then
                tries=0
                while kill -0 "$server" 2>/dev/null && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
            fi
            rm -rf "$1"
            """;
        return Process.Start(new ProcessStartInfo("setsid", ["sh", "-c", clean, "sh", directory])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }
}
