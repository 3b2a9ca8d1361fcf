using System.Text;
using Notify.Kernel;
using Npgsql;

namespace Notify.Host;

/// <summary>Messages between modules hold what alarms and notifications say: who is to be erased may stand in those that are stored.</summary>
internal static class MessageTables
{
    private const string Schema = "wolverine";

    public static readonly OwnedTable[] Owned =
    [
        new("wolverine_dead_letters", Schema)
        {
            HiddenIn = ["body", "exception_message"],
            Hidden = async (connection, names, cancellation) =>
                await FindAsync(connection, "wolverine_dead_letters", "body, coalesce(exception_message, '')", names, cancellation) is { Count: > 0 } found
                    ? throw ProblemException.Conflict($"Dead letters contain the text ({found.Count}). Replay or discard them first (GET /api/v1/operation/dead-letters).")
                    : 0,
        },
        new("wolverine_outgoing_envelopes", Schema)
        {
            HiddenIn = ["body"],
            Hidden = async (connection, names, cancellation) =>
                (await FindAsync(connection, "wolverine_outgoing_envelopes", "body, ''", names, cancellation)).Count > 0 ? throw StillHandled() : 0,
        },
        new("wolverine_incoming_envelopes", Schema) { HiddenIn = ["body"], Hidden = EraseHandledAsync },
    ];

    /// <summary>One that was handled is kept for a while against a repeat; without its row a repeat would be handled as the first, and find all on record.</summary>
    private static async Task<long> EraseHandledAsync(NpgsqlConnection connection, Func<string, bool> names, CancellationToken cancellation)
    {
        var found = await FindAsync(connection, "wolverine_incoming_envelopes", "body, status", names, cancellation);
        if (found.Exists(x => x.Detail != "Handled")) throw StillHandled();
        await using var command = new NpgsqlCommand($"delete from {Schema}.wolverine_incoming_envelopes where id = any($1)", connection);
        command.Parameters.AddWithValue(found.Select(x => x.Id).ToArray());
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<List<(Guid Id, string Detail)>> FindAsync(NpgsqlConnection connection, string table, string columns, Func<string, bool> names, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select id, {columns} from {Schema}.{table}", connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var found = new List<(Guid, string)>();
        while (await reader.ReadAsync(cancellation))
        {
            var detail = reader.GetString(2);
            if (names(Encoding.UTF8.GetString(reader.GetFieldValue<byte[]>(1))) || names(detail)) found.Add((reader.GetGuid(0), detail));
        }

        return found;
    }

    private static ProblemException StillHandled() => ProblemException.Unavailable("Internal messages that contain the text are being handled. Try again shortly.", retryAfterSeconds: 5);
}
