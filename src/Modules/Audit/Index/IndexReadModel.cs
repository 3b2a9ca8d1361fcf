using Notify.Audit.Following;
using Notify.Kernel;
using Notify.Kernel.Events;

namespace Notify.Audit.Index;

/// <summary>Rebuilds the index of the history block by block (<see cref="IndexRebuild"/>).</summary>
internal sealed class IndexReadModel(IndexRebuild rebuild, EventFollower follower, TimeProvider time) : IReadModel
{
    private static readonly TimeSpan look = TimeSpan.FromMilliseconds(200);

    public string Name => "history";

    public IReadOnlyList<string> Tables => ["audit_term", "audit_posting", "audit_body", "audit_span"];

    public async Task<RebuiltRows> RebuildAsync(AuditContext audit, Action<RebuiltRows> report, CancellationToken cancellation)
    {
        var work = await rebuild.BeginAsync(audit, rests: true, cancellation);
        while (!work.IsCompleted)
        {
            report(Rows());
            await Task.WhenAny(work, Task.Delay(look, time, CancellationToken.None));
        }

        await work;
        await follower.LagAsync(cancellation);
        if (rebuild.Progress.Failure is { } failure) throw new InvalidOperationException(failure);
        cancellation.ThrowIfCancellationRequested();
        return Rows();
    }

    /// <summary>Every block is rewritten, whatever it contained.</summary>
    private RebuiltRows Rows() => new(rebuild.Progress.Blocks, rebuild.Progress.Done, 0);
}
