using Notify.Kernel;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Resources;
using Npgsql;

namespace Notify.Audit.History;

/// <summary>
/// What callers who are limited to paths see of the history: the configuration, and the events of streams that begin with an alarm below their paths,
/// except events that name an alarm elsewhere. If the beginning has expired, the first event after it that has a path counts. Not the bytes that were
/// sent, which may contain several alarms in one message.
/// </summary>
public sealed class PathSight(IEnumerable<ConfiguredKind> kinds, NpgsqlDataSource database)
{
    /// <summary>The kinds of streams that contain configuration.</summary>
    public string[] Configuration { get; } = [.. kinds.Select(x => x.Noun)];

    /// <summary>SQL condition: whether the caller sees an event.</summary>
    /// <param name="row">The event's table, or its alias.</param>
    /// <param name="paths">SQL for <see cref="PathLimit.Expression"/>.</param>
    /// <param name="configuration">SQL for <see cref="Configuration"/>.</param>
    public static string Condition(string row, string paths, string configuration)
    {
        return $"""
            (split_part({row}.stream_id, '-', 1) = any({configuration})
              or (not {row}.data ? 'requests' and coalesce({PathOf(row)} ~* {paths}, true) and exists (
                select from {EventTables.Events} f where f.stream_id = {row}.stream_id and f.version = 1
                  and case when f.is_archived then (
                    select {PathOf("g")} from {EventTables.Events} g where g.stream_id = f.stream_id and not g.is_archived and {PathOf("g")} is not null
                    order by g.version limit 1) else {PathOf("f")} end ~* {paths})))
            """;

        static string PathOf(string row) => $"coalesce({row}.data->>'path', {row}.data->>'alarmPath')";
    }

    /// <summary>The condition for the current caller, with all values as literals, on the columns of <see cref="EventTables.Events"/>; null: the
    /// caller sees everything.</summary>
    public async Task<string?> ConditionAsync(CancellationToken cancellation)
    {
        if (PathLimit.Current.Expression is not { } paths) return null;
        await using var command = database.CreateCommand("select quote_literal($1), quote_literal($2::text[]::text)");
        command.Parameters.AddWithValue(paths);
        command.Parameters.AddWithValue(Configuration);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return Condition(EventTables.Events, reader.GetString(0), $"{reader.GetString(1)}::text[]");
    }

    /// <summary>Of the events that prove approvals, those that also contain the what-if of a change, which covers alarms on every path. A caller
    /// limited to paths sees only that they exist.</summary>
    public async Task<IReadOnlySet<long>> HiddenAsync(long[] approvals, CancellationToken cancellation)
    {
        if (PathLimit.Current.IsNone || approvals.Length == 0) return new HashSet<long>();
        await using var command = database.CreateCommand($"select seq_id from {EventTables.Events} where seq_id = any($1) and data ? 'whatIf'");
        command.Parameters.AddWithValue(approvals);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var hidden = new HashSet<long>();
        while (await reader.ReadAsync(cancellation)) hidden.Add(reader.GetInt64(0));
        return hidden;
    }

    /// <summary>Whether the current caller sees any event that meets a condition.</summary>
    /// <param name="where">On the columns of <see cref="EventTables.Events"/>; values from outside only as literals.</param>
    public async Task<bool> SeesAsync(string where, CancellationToken cancellation)
    {
        if (await ConditionAsync(cancellation) is not { } condition) return true;
        await using var command = database.CreateCommand($"select exists (select from {EventTables.Events} where {where} and {condition})");
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
