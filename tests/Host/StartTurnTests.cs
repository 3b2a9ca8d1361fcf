using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Notify.Host.Operating;
using Notify.Kernel.Secrets;
using Notify.Testing;
using Npgsql;

namespace Notify.Host.Tests;

/// <summary>Nodes start one after the other.</summary>
public sealed class StartTurnTests
{
    [Fact]
    public async Task a_fault_that_passes_gives_the_turn_back_so_that_the_node_does_not_wait_for_itself()
    {
        await using var store = await TestPostgres.CreateDatabaseAsync();
        await using var database = NpgsqlDataSource.Create($"{store.ConnectionString};Maximum Pool Size=2;Timeout=1");
        var settings = new ConfigurationBuilder().AddInMemoryCollection(
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["Notify:DataDirectory"] = Path.GetTempPath() }).Build();
        var log = new LogLines();
        using var logging = LoggerFactory.Create(x => x.AddProvider(log));
        await using var turn = new StartTurn(
            database, new StoreKey(database, new MasterKey(Path.Combine(Path.GetTempPath(), "none", "master.key")), settings), settings,
            TimeProvider.System, logging.CreateLogger<StartTurn>());

        Task start;
        await using (await database.OpenConnectionAsync())
        {
            // The one connection that is left holds the turn, and the check of the key gets none.
            start = turn.StartAsync(default);
            await Eventually.GetAsync(
                () => Task.FromResult(log.Lines.ToList()), x => x.Exists(y => y.Contains("Startup is waiting.", StringComparison.Ordinal)));
        }

        await start.WaitAsync(TimeSpan.FromSeconds(60));
        await turn.StartedAsync(default);
        await using var command = database.CreateCommand("select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())");
        (await command.ExecuteScalarAsync()).Should().Be(0L);
    }
}
