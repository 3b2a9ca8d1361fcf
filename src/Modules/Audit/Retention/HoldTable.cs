using System.Globalization;
using Marten;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Secrets;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Notify.Audit.Retention;

/// <summary>The legal holds as rows, for reports by SQL. Nothing is decided by them; each verification compares them with the events.</summary>
public sealed class HoldTable(MasterKey key) : IHistoryCheck
{
    private const string FullName = $"{Database.Schema}.audit_hold";
    private const string Columns = "id, name, resource, period_start, period_end, reason, placed_at";

    public string Name => "legal holds";

    public static readonly OwnedTable Owned = new("audit_hold") { Texts = ["name", "resource", "reason"] };

    public static Table Table()
    {
        var table = Database.Table("audit_hold");
        table.AddColumn<string>("id").AsPrimaryKey();
        table.AddColumn<string>("name").NotNull();
        table.AddColumn<string>("resource");
        table.AddColumn("period_start", "timestamptz");
        table.AddColumn("period_end", "timestamptz");
        table.AddColumn<string>("reason").NotNull();
        table.AddColumn("placed_at", "timestamptz").NotNull();
        return table;
    }

    public static void QueueInsert(IDocumentSession session, LegalHold hold)
    {
        session.QueueSqlCommand(
            $"insert into {FullName} ({Columns}) values (?, ?, nullif(?, ''), nullif(?, '')::timestamptz, nullif(?, '')::timestamptz, ?, ?)",
            hold.Id, hold.Name, hold.Resource ?? "", Text(hold.From), Text(hold.To), hold.Reason, hold.PlacedAt);

        static string Text(DateTimeOffset? at) => at?.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture) ?? "";
    }

    public static void QueueDelete(IDocumentSession session, string id) => session.QueueSqlCommand($"delete from {FullName} where id = ?", id);

    public async Task<IReadOnlyList<Finding>> CheckAsync(NpgsqlConnection snapshot, CancellationToken cancellation)
    {
        var record = await HoldsOnRecord.ReadAsync(snapshot, key, cancellation);
        var findings = new List<Finding>(record.Findings);
        var rows = (await ReadAsync(snapshot, cancellation)).ToDictionary(x => x.Id, StringComparer.Ordinal);
        foreach (var hold in record.Open)
        {
            if (!rows.Remove(hold.Id, out var row)) findings.Add(
                Of(hold.Id, $"The legal hold “{hold.Name}” ({hold.Id}) was taken out of the table of holds. It is on record, and lasts."));
            // Names are not compared: an erasure changes them in both, not always alike.
            else if ((row.Resource, row.From, row.To) != (hold.Resource, hold.From, hold.To)) findings.Add(Of(hold.Id,
                $"The legal hold “{hold.Name}” ({hold.Id}) covers something else in the table of holds than on record. What is on record counts."));
        }

        findings.AddRange(rows.Values.Select(
            x => Of(x.Id, $"The table of holds has a legal hold “{x.Name}” ({x.Id}) that is not on record, or was released. It keeps nothing.")));
        return findings;
    }

    /// <summary>Rewrites the rows from the events.</summary>
    /// <returns>How many there are.</returns>
    public async Task<int> RebuildAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        // Keeps others from placing or releasing a hold meanwhile.
        await ExecuteAsync($"lock table {FullName} in exclusive mode");
        var holds = (await HoldsOnRecord.ReadAsync(connection, key, cancellation)).Open;
        await ExecuteAsync($"delete from {FullName}");
        foreach (var x in holds) await ExecuteAsync($"insert into {FullName} ({Columns}) values ($1, $2, $3, $4, $5, $6, $7)", x.Id, x.Name,
            x.Resource, x.From, x.To, x.Reason, x.PlacedAt);
        await transaction.CommitAsync(cancellation);
        return holds.Count;

        async Task ExecuteAsync(string sql, params object?[] values)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            foreach (var value in values)
                command.Parameters.Add(new NpgsqlParameter { Value = value is DateTimeOffset at ? at.ToUniversalTime() : value ?? DBNull.Value });
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    private static Finding Of(string id, string explanation) => new("hold", explanation, StreamId: id);

    private static async Task<List<LegalHold>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select {Columns} from {FullName} order by placed_at", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var holds = new List<LegalHold>();
        while (await reader.ReadAsync(cancellation))
        {
            holds.Add(new LegalHold(
                reader.GetString(0), reader.GetString(1), reader.IsDBNull(2)
                ? null : reader.GetString(2), Instant(3), Instant(4), reader.GetString(5), reader.GetFieldValue<DateTimeOffset>(6)));
        }

        return holds;

        DateTimeOffset? Instant(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
    }
}
