using Notify.Delivery.Notifications;
using Notify.Kernel;
using Npgsql;

namespace Notify.Delivery.Lanes;

/// <summary>The lanes that this node serves: claims them in the store, renews its leases, and gives away those beyond its share.</summary>
public sealed class LaneClaims(NpgsqlDataSource database, HeldLanes lanes, LaneMoves moves, ThisNode node, TimeProvider time)
{
    /// <summary>A node that dies is replaced after this time at the latest; leases are renewed every <see cref="Renewal"/>.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(7);
    public static readonly TimeSpan Renewal = TimeSpan.FromSeconds(2);

    /// <summary>How often a node checks whether it serves too many lanes, and whether there is work that was not announced to it.</summary>
    private static readonly TimeSpan review = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan tidying = TimeSpan.FromMinutes(10);

    private long configurationVersion = -1;
    private TimeSpan nextTidying;
    private TimeSpan nextReview;

    /// <summary>Claims lanes and renews leases when that is due.</summary>
    /// <param name="settle">Settles attempts without an outcome on the given lanes before they continue.</param>
    public async Task RenewAsync(Func<string[], CancellationToken, Task> settle, CancellationToken cancellation)
    {
        if (!lanes.MustClaim()) return;
        await ClaimAsync(settle, cancellation);
        if (lanes.TakeReviewSoon() || lanes.Uptime >= nextReview) await ReviewAsync(cancellation);
    }

    /// <summary>For a node that is stopping: it takes nothing new, but keeps its lanes while requests are in progress.</summary>
    public Task KeepAsync(CancellationToken cancellation) => LaneTable.RenewAsync(database, node.Id, Lease, cancellation);

    /// <summary>For a node that is stopping: releases its lanes and notifies the other nodes.</summary>
    public async Task ReleaseAllAsync(CancellationToken cancellation)
    {
        await LaneTable.ReleaseAllAsync(database, node.Id, cancellation);
        await LaneNodes.TellAsync(database, [], cancellation);
    }

    private async Task ClaimAsync(Func<string[], CancellationToken, Task> settle, CancellationToken cancellation)
    {
        var (asked, askedAt) = (time.GetUtcNow(), lanes.Uptime);
        var (claimed, version) = await LaneTable.ClaimAsync(database, node.Id, Lease, cancellation);
        var (news, inDoubt) = lanes.Examine(claimed.Select(x => x.Id));
        string[] ids = [.. news, .. inDoubt];
        IReadOnlyList<CountedSend> sends = [];
        if (ids.Length > 0)
        {
            await settle(ids, cancellation);
            foreach (var due in await Work.DueTimesAsync(database, ids, asked, cancellation)) lanes.LookAgainAt(due);
            if (news.Length > 0) sends = await CountedSends.ReadAsync(
                database, news, asked - news.Max(x => LanePace.MemoryOf(lanes.LimitsOf(x))), cancellation);
        }

        lanes.Hold(claimed, sends, settled: inDoubt, asked, askedAt, Lease, Renewal);
        if (askedAt >= nextTidying)
        {
            nextTidying = askedAt + tidying;
            await CountedSends.ForgetAsync(database, asked - LanePace.LongestMemory, cancellation);
            await NotificationSpans.ForgetAsync(database, cancellation);
        }

        // The node that served a new lane before may have stopped before it applied the last change.
        if (claimed.Count == 0 || (version == configurationVersion && news.Length == 0)) return;
        await moves.FollowAsync(version, changed: version != configurationVersion, cancellation);
        configurationVersion = version;
    }

    private async Task ReviewAsync(CancellationToken cancellation)
    {
        var found = await LaneNodes.ReviewAsync(database, node.Id, Lease, cancellation);
        lanes.Queue(found.WithWork);
        var left = lanes.Leave(found.Surplus);
        if (left.Length > 0)
        {
            await LaneTable.ReleaseAsync(database, node.Id, left, cancellation);
            await LaneNodes.TellAsync(database, [], cancellation);
        }

        nextReview = lanes.Uptime + (left.Length < found.Surplus ? Renewal : review);
    }
}
