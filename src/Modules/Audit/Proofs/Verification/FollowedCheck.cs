using Notify.Audit.Following;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Audit.Proofs.Verification;

/// <summary>Reports an event at which the follower stops: the events from there on are not in the log, and the verification must not pass without
/// them.</summary>
public sealed class FollowedCheck(EventFollower follower) : IHistoryCheck
{
    public string Name => "the following of events";

    public async Task<IReadOnlyList<Finding>> CheckAsync(NpgsqlConnection snapshot, CancellationToken cancellation)
    {
        // Another node may have processed them since this one failed.
        await follower.LagAsync(cancellation);
        return follower.Fault is { } fault
            ? [new Finding("unreadable", $"The events after {follower.Position} cannot be taken into the history and its proofs: {fault}",
                follower.Position + 1)] : [];
    }
}
