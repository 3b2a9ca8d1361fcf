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

    private async Task ExecuteAsync(string sql, string name)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server!.SuperuserConnectionString) { Pooling = false, Database = name }.ConnectionString);
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
