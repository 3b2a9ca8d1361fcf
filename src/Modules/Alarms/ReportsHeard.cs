using System.Collections.Concurrent;
using Notify.Kernel;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Notify.Alarms;

/// <summary>When something was last reported at the paths of each expected source. A report is only noted in memory; every few seconds new times are
/// written to a table in one statement, from which those of other nodes are read.</summary>
public sealed class ReportsHeard(NpgsqlDataSource database, TimeProvider time)
{
    private const string TableName = "source_heard";
    private const string Name = $"{Database.Schema}.{TableName}";

    /// <summary>The precision of the times; more is not needed.</summary>
    private static readonly TimeSpan fineness = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, DateTimeOffset> heard = new(StringComparer.Ordinal);
    private volatile Listening listening = new([]);

    public static Table Table()
    {
        var table = Database.Table(TableName);
        table.AddColumn<string>("source_id").AsPrimaryKey();
        table.AddColumn("heard_at", "timestamptz");
        return table;
    }

    /// <summary>Sets the sources for which reports are noted from now on.</summary>
    public void ListenFor(IEnumerable<(string Id, PathPattern Pattern)> sources) => listening = new([.. sources]);

    /// <summary>Something was reported of an alarm with this path.</summary>
    public void Note(string path) => Note(listening.At(path));

    /// <summary>A sender without anything to report signals that it works; this counts for all paths that it may report.</summary>
    public void NoteAll(PathLimit paths) => Note(listening.Covering(paths));

    /// <summary>Writes new times for other nodes and for after a restart, and reads theirs.</summary>
    /// <param name="sources">The ids of all existing sources.</param>
    /// <returns>When each source was last heard on any node; null: never. Includes sources that no longer exist.</returns>
    public async Task<Dictionary<string, DateTimeOffset?>> ExchangeAsync(IReadOnlyCollection<string> sources, CancellationToken cancellation)
    {
        var known = new Dictionary<string, DateTimeOffset?>(StringComparer.Ordinal);
        await using (var read = database.CreateCommand($"select source_id, heard_at from {Name}"))
        {
            await using var reader = await read.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
                known[reader.GetString(0)] = reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1);
        }

        // In a fixed order, so that two nodes cannot deadlock.
        var news = sources.Order(StringComparer.Ordinal)
            .Select(x => (Id: x, At: heard.TryGetValue(x, out var at) ? at : (DateTimeOffset?)null))
            .Where(x => !known.TryGetValue(x.Id, out var before) || (x.At is not null && !(before >= x.At))).ToArray();
        foreach (var (id, at) in news) known[id] = at;
        if (news.Length == 0) return known;
        await using var command = database.CreateCommand(
            $"""
            insert into {Name} as s (source_id, heard_at) select * from unnest($1, $2)
            on conflict (source_id) do update set heard_at = greatest(s.heard_at, excluded.heard_at)
            """);
        command.Parameters.AddWithValue(news.Select(x => x.Id).ToArray());
        command.Parameters.AddWithValue(news.Select(x => x.At).ToArray());
        await command.ExecuteNonQueryAsync(cancellation);
        return known;
    }

    /// <summary>The source was deleted, and its alarm cleared.</summary>
    public async Task ForgetAsync(string source, CancellationToken cancellation)
    {
        heard.TryRemove(source, out _);
        await using var command = database.CreateCommand($"delete from {Name} where source_id = $1");
        command.Parameters.AddWithValue(source);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private void Note(string[] sources)
    {
        if (sources.Length == 0) return;
        // With the precision of the table, so that a written time does not count as new.
        var now = Instants.Cut(time.GetUtcNow());
        foreach (var id in sources)
            if (!heard.TryGetValue(id, out var last) || now - last >= fineness || now < last) heard[id] = now;
    }

    /// <summary>Finds the sources of a path, and remembers the result, which never changes.</summary>
    private sealed class Listening((string Id, PathPattern Pattern)[] sources)
    {
        /// <summary>Further paths are compared each time: memory must not grow with paths that senders invent.</summary>
        private const int MostRemembered = 20_000;

        private static readonly string[] nobody = [];
        private readonly ConcurrentDictionary<string, string[]> byPath = new(StringComparer.Ordinal);
        private int remembered;

        public string[] At(string path)
        {
            if (sources.Length == 0) return nobody;
            if (byPath.TryGetValue(path, out var known)) return known;
            var segments = PathPattern.SegmentsOf(path);
            string[] found = [.. sources.Where(x => x.Pattern.Matches(segments)).Select(x => x.Id)];
            if (Volatile.Read(ref remembered) < MostRemembered && byPath.TryAdd(path, found)) Interlocked.Increment(ref remembered);
            return found;
        }

        public string[] Covering(PathLimit paths)
        {
            if (sources.Length == 0) return nobody;
            PathPattern[] reported = paths.IsNone ? [PathPattern.Parse("**")] : [.. paths.Texts.Select(PathPattern.Parse)];
            return [.. sources.Where(x => reported.Any(x.Pattern.Covers)).Select(x => x.Id)];
        }
    }
}
