using Notify.Kernel;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql.Tables;

namespace Notify.Alarms.Mqtt;

/// <summary>MQTT's tables: which node is connected to the broker, and which messages are being recorded.</summary>
public static class MqttTables
{
    private const string Lease = $"{Database.Schema}.mqtt_lease";
    private const string Message = $"{Database.Schema}.mqtt_message";
    private const string Session = "session";
    private static readonly TimeSpan leaseTime = TimeSpan.FromSeconds(6);

    public static IEnumerable<ISchemaObject> SchemaObjects()
    {
        var lease = Database.Table("mqtt_lease");
        lease.AddColumn<string>("id").AsPrimaryKey();
        RowLease.AddColumns(lease);
        yield return lease;

        // The key is the packet identifier, which the broker reuses for another message after the acknowledgement.
        var message = Database.Table("mqtt_message");
        message.AddColumn<int>("packet").AsPrimaryKey();
        message.AddColumn<string>("hash").NotNull();
        message.AddColumn<string>("id").NotNull();
        message.AddColumn("seen_at", "timestamptz").NotNull().DefaultValueByExpression("now()");
        message.AddColumn("acknowledged_at", "timestamptz");
        yield return message;
    }

    /// <summary>Whether this node holds the lease for the connection to the broker, renewed for a few seconds.</summary>
    public static async Task<bool> ClaimAsync(NpgsqlDataSource database, string node, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"insert into {Lease} (id, lease_until) values ('{Session}', '{RowLease.Free}') on conflict (id) do nothing");
        await command.ExecuteNonQueryAsync(cancellation);
        return await RowLease.ClaimAsync(database, Lease, node, leaseTime, "true", "id", "id", x => x.GetString(0), cancellation) is not null;
    }

    public static Task ReleaseAsync(NpgsqlDataSource database, string node, CancellationToken cancellation) =>
        RowLease.ReleaseAsync(database, Lease, Session, node, cancellation);

    /// <summary>The ids under which redelivered messages were being recorded.</summary>
    internal static async Task<Dictionary<(int Packet, string Hash), string>> SeenAsync(
        NpgsqlDataSource database, int[] packets, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select packet, hash, id from {Message} where packet = any($1)");
        command.Parameters.AddWithValue(packets);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var seen = new Dictionary<(int, string), string>();
        while (await reader.ReadAsync(cancellation)) seen[(reader.GetInt32(0), reader.GetString(1))] = reader.GetString(2);
        return seen;
    }

    /// <summary>Stores that these messages are being recorded, committed before anything of them is.</summary>
    internal static async Task SeeAsync(
        NpgsqlDataSource database, IReadOnlyCollection<(int Packet, string Hash, string Id)> messages, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            insert into {Message} (packet, hash, id) select * from unnest($1::int[], $2::text[], $3::text[])
            on conflict (packet) do update set hash = excluded.hash, id = excluded.id, seen_at = now(), acknowledged_at = null
            """);
        command.Parameters.AddWithValue(messages.Select(x => x.Packet).ToArray());
        command.Parameters.AddWithValue(messages.Select(x => x.Hash).ToArray());
        command.Parameters.AddWithValue(messages.Select(x => x.Id).ToArray());
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The acknowledgements of these were sent. Whether the broker received them is unknown.</summary>
    internal static async Task AcknowledgedAsync(NpgsqlDataSource database, int[] packets, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"update {Message} set acknowledged_at = now() where packet = any($1)");
        command.Parameters.AddWithValue(packets);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Removes acknowledged messages of this age: the broker has answered since, so it has the acknowledgements.</summary>
    internal static async Task ForgetAsync(NpgsqlDataSource database, TimeSpan age, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"delete from {Message} where acknowledged_at < now() - $1 or seen_at < now() - interval '7 days'");
        command.Parameters.AddWithValue(age);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
