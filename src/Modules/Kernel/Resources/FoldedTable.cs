using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Marten;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Kernel.Resources;

/// <summary>A table of read models that follow from events: nothing is decided by it, and it must say what they say.</summary>
/// <param name="Noun">What a reader calls a row.</param>
/// <param name="Table">Without its schema; columns <c>id</c> and <c>data</c>.</param>
/// <param name="Row">What a row holds.</param>
/// <param name="NameOf">What people call a row.</param>
/// <param name="FoldAsync">All rows as they follow from the events, by id, as this connection sees them.</param>
public sealed record FoldedTable(string Noun, string Table, Type Row, Func<object, string> NameOf,
    Func<NpgsqlConnection, CancellationToken, Task<Dictionary<string, object>>> FoldAsync);

/// <summary>Compares every such table with its events. Part of each whole verification, at each start, and soon after somebody has written into
/// one.</summary>
public sealed class FoldedTables(IEnumerable<FoldedTable> tables, IEnumerable<ConfiguredKind> kinds) : IHistoryCheck
{
    private const string Kind = "readModel";
    private const int MostPaths = 5;

    public string Name => "rules, services, messages, schedules, people and API keys";

    /// <summary>Without their schema.</summary>
    public IReadOnlyList<string> Tables => [.. tables.Select(x => x.Table), ConfigurationStamp.TableName];

    public async Task<IReadOnlyList<Finding>> CheckAsync(NpgsqlConnection snapshot, CancellationToken cancellation)
    {
        var findings = (await DifferencesAsync(snapshot, cancellation)).ConvertAll(x => new Finding(Kind, x.Explanation, StreamId: x.Id));
        var (stamp, recorded) = await ConfigurationStamp.CompareAsync(snapshot, kinds, cancellation);
        if (stamp < recorded)
        {
            findings.Add(new Finding(Kind, string.Create(CultureInfo.InvariantCulture,
                $"The number of the configuration in {Database.Schema}.{ConfigurationStamp.TableName} is {stamp}, but its events go up to {recorded}: it was set back beside Notify. Nodes may go by an earlier configuration, and decisions name a wrong one. {Mend}")));
        }

        return findings;
    }

    private const string Mend = "What to do: POST /api/v1/operation/rebuild {\"models\":[\"configuration\"]}.";

    /// <summary>Writes every row that differs anew from its events, within the session's transaction; those that no event speaks of go.</summary>
    public async Task<IReadOnlyList<RestoredRow>> RestoreAsync(IDocumentSession session, CancellationToken cancellation)
    {
        var differences = await DifferencesAsync(session.Connection!, cancellation);
        foreach (var rows in differences.GroupBy(x => x.Table.Table, StringComparer.Ordinal))
        {
            await using var command = new NpgsqlCommand($"delete from {Database.Schema}.{rows.Key} where id = any($1)",
                session.Connection)
            { Parameters = { new() { Value = rows.Select(x => x.Id).ToArray() } } };
            await command.ExecuteNonQueryAsync(cancellation);
        }

        await ConfigurationStamp.CatchUpAsync(session, kinds, cancellation);
        session.InsertObjects(differences.Select(x => x.Expected).OfType<object>());
        return [.. differences.Select(x => new RestoredRow(x.Table.Noun, x.Id, x.Name))];
    }

    /// <summary>Changes with every row that anybody writes, and says nothing else: a look at it costs less than a comparison.</summary>
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

    /// <param name="Expected">What the events say; null: nothing.</param>
    private sealed record Difference(FoldedTable Table, string Id, object? Expected, string What)
    {
        public string? Name => Expected is null ? null : Table.NameOf(Expected);

        public string Explanation => string.Create(CultureInfo.InvariantCulture,
            $"The {Table.Noun} {(Name is null ? Id : $"'{Name}' ({Id})")} in the table {Database.Schema}.{Table.Table} is not what its events say: {What}. One of them was changed beside Notify, which goes by the events; only lists show the table. {Mend}");
    }

    private async Task<List<Difference>> DifferencesAsync(NpgsqlConnection snapshot, CancellationToken cancellation)
    {
        var differences = new List<Difference>();
        foreach (var table in tables)
        {
            var expected = await table.FoldAsync(snapshot, cancellation);
            await using (var command = new NpgsqlCommand(
                $"select id, data from {Database.Schema}.{table.Table} order by id", snapshot)
            { CommandTimeout = 0 })
            await using (var reader = await command.ExecuteReaderAsync(cancellation))
            {
                while (await reader.ReadAsync(cancellation))
                {
                    var id = reader.GetString(0);
                    if (!expected.Remove(id, out var row)) differences.Add(new(table, id, null, "no event speaks of it"));
                    else if (DifferenceOf(table, row, reader.GetString(1)) is { } what) differences.Add(new(table, id, row, what));
                }
            }

            differences.AddRange(
                expected.OrderBy(x => x.Key, StringComparer.Ordinal).Select(x => new Difference(table, x.Key, x.Value, "it was deleted there")));
        }

        return differences;
    }

    /// <returns>Null: it is what the events say. Else names fields, never values.</returns>
    private static string? DifferenceOf(FoldedTable table, object expected, string data)
    {
        try
        {
            // Read and written again, since what Notify has kept before may lack fields that have come since.
            var actual = JsonSerializer.Deserialize(data, table.Row, NotifyJson.Options);
            var changes = FieldChange.Between(JsonOf(expected), JsonOf(actual));
            return changes.Count == 0 ? null
                : $"other are {string.Join(", ", changes.Take(MostPaths).Select(x => x.Path))}{(changes.Count > MostPaths ? $" and {changes.Count - MostPaths} more" : "")}";
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException or InvalidOperationException)
        {
            return "the row cannot be read";
        }

        JsonNode? JsonOf(object? row) => JsonSerializer.SerializeToNode(row, table.Row, NotifyJson.Options);
    }
}

/// <param name="Name">Null: no event speaks of it, and it is gone.</param>
public sealed record RestoredRow(string Kind, string Id, string? Name);
