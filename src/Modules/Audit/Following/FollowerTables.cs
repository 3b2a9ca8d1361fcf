using Notify.Kernel;
using Weasel.Core;
using Weasel.Postgresql.Tables;

namespace Notify.Audit.Following;

/// <summary>The position of each step, and which node follows.</summary>
public static class FollowerTables
{
    public const string Step = $"{Database.Schema}.follower_step";
    public const string Lease = $"{Database.Schema}.follower_lease";

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
