using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Audit.Retention;

/// <summary>The table of legal holds.</summary>
internal sealed class HoldReadModel(HoldTable holds, NpgsqlDataSource database) : IReadModel
{
    public string Name => "holds";

    public IReadOnlyList<string> Tables => ["audit_hold"];

    public async Task<RebuiltRows> RebuildAsync(AuditContext audit, Action<RebuiltRows> report, CancellationToken cancellation)
    {
        var count = await holds.RebuildAsync(database, cancellation);
        return new(count, count, 0);
    }
}
