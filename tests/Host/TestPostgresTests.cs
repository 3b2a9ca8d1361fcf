using Notify.Testing;
using Npgsql;

namespace Notify.Host.Tests;

public sealed class TestPostgresTests
{
    [Fact]
    public async Task a_database_is_empty_its_own_and_gone_afterwards()
    {
        await using var other = await TestPostgres.CreateDatabaseAsync();
        await using (var database = await TestPostgres.CreateDatabaseAsync())
        {
            await ExecuteAsync(database.ConnectionString, "create table only_here ()");

            (await ExecuteAsync(other.ConnectionString, "select to_regclass('only_here') is null")).Should().Be(true);
            (await ExistsAsync(other, database.Name)).Should().Be(true);
            await database.DisposeAsync();
            (await ExistsAsync(other, database.Name)).Should().Be(false);
        }
    }

    [Fact]
    public async Task copies_of_a_template_are_independent_and_it_is_prepared_once()
    {
        var prepared = 0;
        var copies = await Task.WhenAll(Enumerable.Range(0, 4)
            .Select(_ => TestPostgres.CreateDatabaseAsync(nameof(copies_of_a_template_are_independent_and_it_is_prepared_once), Prepare)));

        await ExecuteAsync(copies[0].ConnectionString, "update kept set answer = 1");

        prepared.Should().Be(1);
        (await ExecuteAsync(copies[0].ConnectionString, "select answer from kept")).Should().Be(1);
        (await ExecuteAsync(copies[3].ConnectionString, "select answer from kept")).Should().Be(42);
        foreach (var copy in copies) await copy.DisposeAsync();

        async Task Prepare(string connectionString)
        {
            Interlocked.Increment(ref prepared);
            // The connection goes back to its pool and stays open, as one of a host does.
            await ExecuteAsync(connectionString, "create table kept as select 42 as answer");
        }
    }

    static Task<object?> ExistsAsync(TestDatabase asked, string name) =>
        ExecuteAsync(asked.ConnectionString, $"select exists (select from pg_database where datname = '{name}')");

    static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
