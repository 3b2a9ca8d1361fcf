using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;
using Notify.Testing;
using Npgsql;

namespace Notify.Audit.Tests.Proofs;

/// <summary>Everything the database holds, as text: bytes read as UTF-8, what is packed unpacked, what is encoded decoded, what is sealed unsealed;
/// and what PostgreSQL knows of the tables.</summary>
internal sealed partial class DatabaseText
{
    private readonly List<(string Table, string Text)> rows = [];

    public static async Task<DatabaseText> ReadAsync(NotifyHost host)
    {
        var result = new DatabaseText();
        var database = host.Services.GetRequiredService<NpgsqlDataSource>();
        var key = host.Services.GetRequiredService<MasterKey>();
        var tables = new List<string> { "pg_stats" };
        await using (var command = database.CreateCommand(
            "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema') order by 1"))
        await using (var reader = await command.ExecuteReaderAsync())
            while (await reader.ReadAsync()) tables.Add(reader.GetString(0));
        tables.Should().HaveCountGreaterThan(25);
        foreach (var table in tables)
        {
            await using var command = database.CreateCommand(
                $"select x::text, x.* from {table} x{(table == "pg_stats" ? " where schemaname = 'notify'" : "")}");
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                result.rows.Add((table, Unescaped(reader.GetString(0))));
                for (var i = 1; i < reader.FieldCount; i++)
                    if (reader.GetDataTypeName(i) == "bytea" && !reader.IsDBNull(i)) result.Add(table, reader.GetFieldValue<byte[]>(i));
                if (table == "notify.idempotency" && !reader.IsDBNull(reader.GetOrdinal("answer")))
                {
                    var slot = new IdempotencySlot(Text("actor"), Text("path"), Text("key"));
                    result.rows.Add((table, Unescaped(
                        (string)JsonNode.Parse(key.Unseal(slot.Reference, reader.GetFieldValue<byte[]>(reader.GetOrdinal("answer"))))!["body"]!)));

                    string Text(string column) => reader.GetString(reader.GetOrdinal(column));
                }
            }
        }

        return result;
    }

    public List<string> TablesWith(string text) =>
        [.. rows.Where(x => x.Text.Contains(text, StringComparison.OrdinalIgnoreCase)).Select(x => x.Table).Distinct()];

    private void Add(string table, byte[] bytes)
    {
        rows.Add((table, Unescaped(Encoding.UTF8.GetString(bytes))));
        try
        {
            using var packed = new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress);
            using var reader = new StreamReader(packed);
            rows.Add((table, Unescaped(reader.ReadToEnd())));
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidDataException)
        {
            // not packed
        }
    }

    /// <summary>Together with what is in it as a form or as JSON in JSON, however deep.</summary>
    private static string Unescaped(string text)
    {
        var (all, layer) = (text, text);
        while (true)
        {
            var decoded = Escape().Replace(
                Uri.UnescapeDataString(layer), x => ((char)Convert.ToInt32(x.Groups["hex"].Value, 16)).ToString());
            if (decoded == layer) return all;
            (all, layer) = ($"{all}\n{decoded}", decoded);
        }
    }

    [GeneratedRegex("\\\\+u(?<hex>[0-9a-fA-F]{4})", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Escape();
}
