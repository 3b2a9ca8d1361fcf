using Microsoft.Extensions.Logging.Abstractions;
using Notify.Host.Postgres;
using Npgsql;

namespace Notify.Testing;

/// <summary>A PostgreSQL that one test has for itself, to take away and to give back at the same address.</summary>
public sealed class PrivatePostgres : IAsyncDisposable
{
    private readonly string directory;
    private readonly EmbeddedPostgresOptions options;
    private readonly System.Diagnostics.Process cleaner;
    private EmbeddedPostgres? server;

    private PrivatePostgres(string directory)
    {
        this.directory = directory;
        options = new EmbeddedPostgresOptions { DataDirectory = directory };
        cleaner = TestPostgres.StartCleaner(directory);
    }

    /// <summary>The same after every start.</summary>
    public string ConnectionString { get; private set; } = "";

    public static async Task<PrivatePostgres> StartNewAsync()
    {
        var postgres = new PrivatePostgres(Directory.CreateTempSubdirectory("notify-private-postgres-").FullName);
        await postgres.StartAsync();
        postgres.ConnectionString = postgres.server!.ConnectionString;
        return postgres;
    }

    public async Task StartAsync() => server = await EmbeddedPostgres.StartAsync(options, NullLogger.Instance);

    public async Task StopAsync()
    {
        await server!.StopAsync();
        server = null;
        NpgsqlConnection.ClearAllPools();
    }

    /// <summary>The first column of Notify's database, as text.</summary>
    public async Task<List<string>> QueryAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync()) rows.Add(Convert.ToString(reader.GetValue(0), System.Globalization.CultureInfo.InvariantCulture)!);
        return rows;
    }

    /// <summary>As the cluster's administrator.</summary>
    public Task ExecuteAsync(string sql) => ExecuteAsync(sql, "postgres");

    /// <inheritdoc cref="ExecuteAsync(string)"/>
    public Task ExecuteInNotifyAsync(string sql) => ExecuteAsync(sql, "notify");

    /// <summary>As an operator backs it up, also while it is used.</summary>
    /// <returns>The connection string of an empty database into which the backup was restored.</returns>
    public async Task<string> BackUpAndRestoreAsync(string name)
    {
        var backup = Path.Combine(directory, $"{name}.dump");
        var copy = new NpgsqlConnectionStringBuilder(ConnectionString) { Database = name };
        await RunAsync("pg_dump", "--format=custom", $"--file={backup}", "--dbname=notify");
        await ExecuteAsync($"create database {name} owner notify");
        await RunAsync("pg_restore", "--exit-on-error", $"--dbname={name}", backup);
        return copy.ConnectionString;

        async Task RunAsync(string program, params string[] arguments)
        {
            var binaries = await PostgresBinaries.FindAsync(null, Cluster.MajorIn(directory), CancellationToken.None);
            var start = new System.Diagnostics.ProcessStartInfo(
                Path.Combine(binaries.Directory, program),
                [$"--host={copy.Host}", $"--port={copy.Port}", $"--username={copy.Username}", "--no-password", .. arguments])
            {
                RedirectStandardError = true,
                UseShellExecute = false,
            };
            start.Environment["PGPASSWORD"] = copy.Password;
            using var process = System.Diagnostics.Process.Start(start)!;
            var errors = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            if (process.ExitCode != 0) throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {errors}");
        }
    }

    private async Task ExecuteAsync(string sql, string name)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(server!.SuperuserConnectionString) { Pooling = false, Database = name }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null) await server.StopAsync();
        cleaner.StandardInput.Close();
        await cleaner.WaitForExitAsync();
        cleaner.Dispose();
    }
}
