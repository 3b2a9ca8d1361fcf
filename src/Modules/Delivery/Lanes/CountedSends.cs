using Marten;
using Notify.Channels.Sending;
using Notify.Kernel;
using Npgsql;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Notify.Delivery.Lanes;

/// <summary>A message that counts towards the platform's limits.</summary>
/// <param name="Persons">How much it counts towards the app's daily quota; 0 on all rows of a message except the first.</param>
public sealed record CountedSend(string Lane, string Member, DateTimeOffset At, int Persons);

/// <summary>Recent sends on lanes with a limit, so that the pace is kept after a restart or a takeover. Rows are added together with the attempt that
/// they count, and removed when they no longer count.</summary>
public static class CountedSends
{
    private const string Name = $"{Database.Schema}.counted_send";

    public static readonly OwnedTable Owned = new("counted_send") { Texts = ["member"] };

    public static Table Table()
    {
        var table = Database.Table("counted_send");
        table.AddColumn<string>("lane").NotNull();
        table.AddColumn<string>("member").NotNull();
        table.AddColumn("at", "timestamptz").NotNull();
        table.AddColumn<int>("persons").NotNull();
        table.Indexes.Add(new IndexDefinition("counted_send_lane") { Columns = ["lane", "at"] });
        return table;
    }

    public static IEnumerable<CountedSend> Of(string lane, Audience audience, IEnumerable<DateTimeOffset> times) =>
        times.SelectMany(at => audience.Members.Select((member, i) => new CountedSend(lane, member, at, i == 0 ? audience.Persons : 0)));

    public static void QueueInsert(IDocumentSession session, IReadOnlyList<CountedSend> sends)
    {
        if (sends.Count == 0) return;
        session.QueueSqlCommand(
            $"insert into {Name} (lane, member, at, persons) select * from unnest(?, ?, ?, ?)",
            sends.Select(x => x.Lane).ToArray(), sends.Select(x => x.Member).ToArray(), sends.Select(x => x.At).ToArray(),
            sends.Select(x => x.Persons).ToArray());
    }

    /// <summary>In order of time.</summary>
    public static async Task<List<CountedSend>> ReadAsync(
        NpgsqlDataSource database, string[] lanes, DateTimeOffset since, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select lane, member, at, persons from {Name} where lane = any($1) and at > $2 order by at");
        command.Parameters.AddWithValue(lanes);
        command.Parameters.AddWithValue(since);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var sends = new List<CountedSend>();
        while (await reader.ReadAsync(cancellation))
            sends.Add(new CountedSend(reader.GetString(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetInt32(3)));
        return sends;
    }

    /// <summary>Removes sends that no longer count.</summary>
    public static async Task ForgetAsync(NpgsqlDataSource database, DateTimeOffset before, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"delete from {Name} where at < $1");
        command.Parameters.AddWithValue(before);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
