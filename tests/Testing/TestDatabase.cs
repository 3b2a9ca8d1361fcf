using Npgsql;

namespace Notify.Testing;

/// <summary>A database of one test or of one group of tests; gone, with whatever is still connected to it, when disposed of.</summary>
public sealed class TestDatabase(string name, string connectionString) : IAsyncDisposable
{
    public string Name => name;

    public string ConnectionString => connectionString;

    public async ValueTask DisposeAsync()
    {
        await using (var connection = new NpgsqlConnection(connectionString)) NpgsqlConnection.ClearPool(connection);
        await TestPostgres.ExecuteAsync($"drop database if exists {name} with (force)");
    }
}
