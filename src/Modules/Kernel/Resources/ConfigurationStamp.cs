using Marten;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Notify.Kernel.Resources;

/// <summary>
/// A counter that every change of configuration advances within its own transaction. Whoever holds a copy of the configuration compares one number
/// to know that it is current, on every node; and since advancing it locks its row until the commit, changes happen one at a time.
/// </summary>
public static class ConfigurationStamp
{
    /// <summary>The event header that says which version of the configuration a change made: with it the configuration of any decision is found again.</summary>
    public const string Header = "configuration";

    private const string Select = $"select version from {Database.Schema}.configuration_stamp";

    public static Table Table()
    {
        var table = Database.Table("configuration_stamp");
        table.AddColumn<bool>("id").AsPrimaryKey().DefaultValueByExpression("true");
        table.AddColumn<long>("version").NotNull();
        return table;
    }

    public static async Task<long> AdvanceAsync(IDocumentSession session, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"insert into {Database.Schema}.configuration_stamp as s (id, version) values (true, 1) on conflict (id) do update set version = s.version + 1 returning version");
        await using var reader = await session.ExecuteReaderAsync(command, cancellation);
        await reader.ReadAsync(cancellation);
        var version = reader.GetInt64(0);
        session.SetHeader(Header, version);
        return version;
    }

    public static async Task<long> ReadAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(Select);
        return await command.ExecuteScalarAsync(cancellation) as long? ?? 0;
    }

    public static async Task<long> ReadAsync(IQuerySession session, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Select);
        await using var reader = await session.ExecuteReaderAsync(command, cancellation);
        return await reader.ReadAsync(cancellation) ? reader.GetInt64(0) : 0;
    }
}
