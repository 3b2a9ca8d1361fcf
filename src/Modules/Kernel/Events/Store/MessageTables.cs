using System.Text;
using Marten;
using Npgsql;

namespace Notify.Kernel.Events.Store;

/// <summary>
/// Wolverine's tables of stored messages: the inbox, the outbox and the dead letters. Messages between modules contain data of alarms and
/// notifications, and therefore possibly personal data that is to be erased.
/// </summary>
public static class MessageTables
{
    public const string Schema = "wolverine";

    /// <summary>SQL: the number of messages that failed after all retries.</summary>
    public const string PutAside = $"(select count(*) from {Schema}.{DeadLetters})";

    /// <summary>SQL: the number of messages that are stored but not handled yet.</summary>
    public const string Unhandled = $"(select count(*) from {Schema}.{Incoming} where status <> '{Handled}')";

    /// <summary>SQL: the number of messages that are stored but not sent yet.</summary>
    public const string Unsent = $"(select count(*) from {Schema}.{Outgoing})";

    private const string DeadLetters = "wolverine_dead_letters";
    private const string Incoming = "wolverine_incoming_envelopes";
    private const string Outgoing = "wolverine_outgoing_envelopes";

    /// <summary>The status of a message in the inbox that is kept only to recognise a repeat.</summary>
    private const string Handled = "Handled";

    public static readonly OwnedTable[] Owned =
    [
        new(DeadLetters, Schema)
        {
            HiddenIn = ["body", "exception_message"],
            Hidden = async (connection, names, cancellation) =>
                await FindAsync(connection, DeadLetters, "body, coalesce(exception_message, '')", names, cancellation) is { Count: > 0 } found
                    ? throw ProblemException.Conflict(
                        $"Dead letters contain the text ({found.Count}). Replay or discard them first (GET /api/v1/operation/dead-letters).")
                    : 0,
        },
        new(Outgoing, Schema)
        {
            HiddenIn = ["body"],
            Hidden = async (connection, names, cancellation) =>
                (await FindAsync(connection, Outgoing, "body, ''", names, cancellation)).Count > 0 ? throw StillHandled() : 0,
        },
        new(Incoming, Schema) { HiddenIn = ["body"], Hidden = EraseHandledAsync },
    ];

    /// <summary>Marks messages in the inbox as handled, in the session's transaction; Wolverine would do so with one statement for each.</summary>
    /// <param name="keepUntil">Until then a repeat of the message is recognised.</param>
    public static void QueueHandled(IDocumentSession session, Guid[] ids, DateTimeOffset keepUntil) =>
        session.QueueSqlCommand($"update {Schema}.{Incoming} set status = '{Handled}', keep_until = ? where id = any(?)", keepUntil, ids);

    /// <returns>A text that changes when the set of dead letters changes, ignoring those that are about to be
    /// replayed.</returns>
    public static async Task<string> MarkOfPutAsideAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select coalesce(md5(string_agg(id::text, ',' order by id)), '') from {Schema}.{DeadLetters} where replayable is not true");
        return (string)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>A handled message is kept for a while to recognise a repeat; without its row a repeat would be handled again, and find everything
    /// already recorded.</summary>
    private static async Task<long> EraseHandledAsync(NpgsqlConnection connection, Func<string, bool> names, CancellationToken cancellation)
    {
        var found = await FindAsync(connection, Incoming, "body, status", names, cancellation);
        if (found.Exists(x => x.Detail != Handled)) throw StillHandled();
        await using var command = new NpgsqlCommand($"delete from {Schema}.{Incoming} where id = any($1)", connection);
        command.Parameters.AddWithValue(found.Select(x => x.Id).ToArray());
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<List<(Guid Id, string Detail)>> FindAsync(
        NpgsqlConnection connection, string table, string columns, Func<string, bool> names, CancellationToken cancellation)
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

    private static ProblemException StillHandled() =>
        ProblemException.Unavailable("Internal messages that contain the text are being handled. Try again shortly.", retryAfterSeconds: 5);
}
