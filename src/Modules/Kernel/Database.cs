using Npgsql;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Notify.Kernel;

/// <summary>The schema of Notify's tables. Marten manages events and documents; Notify's few own tables are declared where they are used.</summary>
public static class Database
{
    public const string Schema = "notify";

    public static Table Table(string name) => new(new PostgresqlObjectName(Schema, name, SchemaUtils.IdentifierUsage.General));

    /// <summary>The first column of all rows, such as ids, which must not be null.</summary>
    public static async Task<List<string>> ReadTextsAsync(this NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var texts = new List<string>();
        while (await reader.ReadAsync(cancellation)) texts.Add(reader.GetString(0));
        return texts;
    }
}
