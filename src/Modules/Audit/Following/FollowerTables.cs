using Notify.Kernel;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql.Tables;

namespace Notify.Audit.Following;

/// <summary>The position of each step, and which node follows.</summary>
public static class FollowerTables
{
    public const string Step = $"{Database.Schema}.follower_step";
    public const string Lease = $"{Database.Schema}.follower_lease";

    /// <summary>Lets a step follow the events after this number again, if it is beyond it.</summary>
    public static async Task MoveBackAsync(NpgsqlConnection connection, string step, long position, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"update {Step} set position = least(position, $1) where step = $2", connection)
        { Parameters = { new() { Value = position }, new() { Value = step } } };
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static IEnumerable<ISchemaObject> All()
    {
        Table step = Database.Table("follower_step");
        step.AddColumn<string>("step").AsPrimaryKey();
        step.AddColumn<long>("position").NotNull();
        yield return step;

        Table lease = Database.Table("follower_lease");
        lease.AddColumn<bool>("id").AsPrimaryKey().DefaultValueByExpression("true");
        lease.AddColumn<string>("node").NotNull();
        lease.AddColumn("lease_until", "timestamptz").NotNull();
        yield return lease;
    }
}
