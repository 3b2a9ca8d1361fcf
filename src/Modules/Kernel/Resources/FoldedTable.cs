using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Marten;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Kernel.Resources;

/// <summary>A table of read models derived from events: no decision depends on it, and it must equal what the events result in.</summary>
/// <param name="Noun">What a row is called.</param>
/// <param name="Table">The table's name without its schema; columns <c>id</c> and <c>data</c>.</param>
/// <param name="Row">The type of a row's data.</param>
/// <param name="NameOf">The name of a row for people.</param>
/// <param name="FoldAsync">All rows derived from the events as this connection sees them, by id; and the ids of those with an event that cannot be
/// read, of which nobody can say what they should be.</param>
public sealed record FoldedTable(string Noun, string Table, Type Row, Func<object, string> NameOf,
    Func<NpgsqlConnection, HashSet<string>, CancellationToken, Task<Dictionary<string, object>>> FoldAsync);

/// <summary>Compares every such table with its events: in each full verification, at each start, and soon after somebody has written to
/// one.</summary>
public sealed class FoldedTables(IEnumerable<FoldedTable> tables, IEnumerable<ConfiguredKind> kinds) : IHistoryCheck
{
    private const string Kind = "readModel";
    private const int MostPaths = 5;

    public string Name => "rules, services, messages, schedules, people and API keys";

    /// <summary>The tables' names without their schema.</summary>
    public IReadOnlyList<string> Tables => [.. tables.Select(x => x.Table), ConfigurationStamp.TableName];

    public async Task<IReadOnlyList<Finding>> CheckAsync(NpgsqlConnection snapshot, CancellationToken cancellation)
    {
        var findings = (await DifferencesAsync(snapshot, cancellation)).ConvertAll(x => new Finding(Kind, x.Explanation, StreamId: x.Id));
        var (stamp, recorded) = await ConfigurationStamp.CompareAsync(snapshot, kinds, cancellation);
        if (stamp < recorded)
        {
            findings.Add(new Finding(Kind, string.Create(CultureInfo.InvariantCulture,
                $"The number of the configuration in {Database.Schema}.{ConfigurationStamp.TableName} is {stamp}, but its events go up to {recorded}: it was lowered outside Notify. Nodes may use an earlier configuration, and decisions may name a wrong one. {Mend}")));
        }

        return findings;
    }

    private const string Mend = "What to do: POST /api/v1/operation/rebuild {\"models\":[\"configuration\"]}.";

    /// <summary>Rewrites every row that differs from its events, in the session's transaction; rows without events are deleted, and those with an
    /// event that cannot be read stay as they are.</summary>
    /// <returns>The rewritten rows, and how many could not be compared.</returns>
    public async Task<(IReadOnlyList<RestoredRow> Restored, int Unreadable)> RestoreAsync(IDocumentSession session, CancellationToken cancellation)
    {
        var all = await DifferencesAsync(session.Connection!, cancellation);
        var differences = all.FindAll(x => !x.IsUnreadable);
        foreach (var rows in differences.GroupBy(x => x.Table.Table, StringComparer.Ordinal))
        {
            await using var command = new NpgsqlCommand($"delete from {Database.Schema}.{rows.Key} where id = any($1)",
                session.Connection)
            { Parameters = { new() { Value = rows.Select(x => x.Id).ToArray() } } };
            await command.ExecuteNonQueryAsync(cancellation);
        }

        await ConfigurationStamp.CatchUpAsync(session, kinds, cancellation);
        session.InsertObjects(differences.Select(x => x.Expected).OfType<object>());
        return ([.. differences.Select(x => new RestoredRow(x.Table.Noun, x.Id, x.Name))], all.Count - differences.Count);
    }

    /// <summary>A text that changes with every written row; computing it is cheaper than a comparison.</summary>
    public async Task<string> MarkAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var marks = new List<string>();
        foreach (var table in tables)
        {
            await using var command = new NpgsqlCommand(
                $"select concat(count(*), '/', max(xmin::text::bigint), '/', sum(hashtext(id)::bigint)) from {Database.Schema}.{table.Table}",
                connection);
            marks.Add((string)(await command.ExecuteScalarAsync(cancellation))!);
        }

        await using var stamp = new NpgsqlCommand(
            $"select concat(version, '/', xmin) from {Database.Schema}.{ConfigurationStamp.TableName}", connection);
        marks.Add((string?)await stamp.ExecuteScalarAsync(cancellation) ?? "");
        return string.Join(' ', marks);
    }

    /// <param name="Expected">The row derived from the events; null: there are none, or one cannot be read.</param>
    private sealed record Difference(FoldedTable Table, string Id, object? Expected, string What, bool IsUnreadable = false)
    {
        public string? Name => Expected is null ? null : Table.NameOf(Expected);

        public string Explanation => IsUnreadable
            ? $"The {Table.Noun} '{Id}' in the table {Database.Schema}.{Table.Table} cannot be compared: an event of it cannot be read, because somebody changed it outside Notify. A rebuild leaves its row as it is. What to do: restore the event from a backup."
            : string.Create(CultureInfo.InvariantCulture,
            $"The {Table.Noun} {(Name is null ? $"'{Id}'" : $"'{Name}' ({Id})")} in the table {Database.Schema}.{Table.Table} differs from its events: {What}. One of them was changed outside Notify, which uses the events; only lists show the table. {Mend}");
    }

    private async Task<List<Difference>> DifferencesAsync(NpgsqlConnection snapshot, CancellationToken cancellation)
    {
        var differences = new List<Difference>();
        foreach (var table in tables)
        {
            var unreadable = new HashSet<string>(StringComparer.Ordinal);
            var expected = await table.FoldAsync(snapshot, unreadable, cancellation);
            await using (var command = new NpgsqlCommand(
                $"select id, data from {Database.Schema}.{table.Table} order by id", snapshot)
            { CommandTimeout = 0 })
            await using (var reader = await command.ExecuteReaderAsync(cancellation))
            {
                while (await reader.ReadAsync(cancellation))
                {
                    var id = reader.GetString(0);
                    if (unreadable.Contains(id)) differences.Add(new(table, id, null, "", IsUnreadable: true));
                    else if (!expected.Remove(id, out var row)) differences.Add(new(table, id, null, "it has no event"));
                    else if (DifferenceOf(table, row, reader.GetString(1)) is { } what) differences.Add(new(table, id, row, what));
                }
            }

            differences.AddRange(
                expected.OrderBy(x => x.Key, StringComparer.Ordinal).Select(x => new Difference(table, x.Key, x.Value, "it was deleted there")));
        }

        return differences;
    }

    /// <returns>Null: no difference. Otherwise a text that names fields, but never values.</returns>
    private static string? DifferenceOf(FoldedTable table, object expected, string data)
    {
        try
        {
            // Read and written again, since rows stored earlier may lack fields that were added since.
            var actual = JsonSerializer.Deserialize(data, table.Row, NotifyJson.Options);
            var changes = FieldChange.Between(JsonOf(expected), JsonOf(actual));
            return changes.Count == 0 ? null
                : $"these fields differ: {string.Join(", ", changes.Take(MostPaths).Select(x => x.Path))}{(changes.Count > MostPaths ? $" and {changes.Count - MostPaths} more" : "")}";
        }
        catch (Exception e) when (EventRecord.IsUnreadable(e))
        {
            return "the row cannot be read";
        }

        JsonNode? JsonOf(object? row) => JsonSerializer.SerializeToNode(row, table.Row, NotifyJson.Options);
    }
}

/// <param name="Name">Null: it has no events, and was deleted.</param>
public sealed record RestoredRow(string Kind, string Id, string? Name);
