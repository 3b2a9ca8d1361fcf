using Npgsql;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Notify.Kernel;

/// <summary>Where Notify's tables live. Events and documents are Marten's; the few tables of Notify's own are declared next to their use.</summary>
public static class Database
{
    public const string Schema = "notify";

    public static Table Table(string name) => new(new PostgresqlObjectName(Schema, name, SchemaUtils.IdentifierUsage.General));

    /// <summary>The first column of all rows, such as ids; none of them may be null.</summary>
    public static async Task<List<string>> ReadTextsAsync(this NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var texts = new List<string>();
        while (await reader.ReadAsync(cancellation)) texts.Add(reader.GetString(0));
        return texts;
    }
}
