using Marten;
using Microsoft.Extensions.Hosting;
using Notify.Access.People;
using Notify.Kernel;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Access.ApiKeys;

/// <summary>At the first start after an upgrade, rewrites from their events the rows of keys that an earlier version stored with a role and without
/// settings.</summary>
internal sealed class ApiKeyRows(PeopleCache people, IDocumentStore store, NpgsqlDataSource database) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select exists (select from {Database.Schema}.{DocumentTables.Of("api_key")} where not data ? 'settings')");
        if (!(bool)(await command.ExecuteScalarAsync(cancellationToken))!) return;
        await using var session = store.LightweightSession();
        session.Store((await people.ReadAsync(cancellationToken)).Keys.ToArray());
        await session.SaveChangesAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
