using System.Globalization;
using System.Text.Json;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Secrets;
using Npgsql;

namespace Notify.Audit.Proofs.Checkpoints;

/// <summary>How far an administrator has accepted the history as it is. Up to there no seals are required: they may have been made with an earlier
/// master key.</summary>
internal static class Baseline
{
    public const string AcceptedEvent = "audit.checkpoints_accepted.v1";

    /// <summary>The last event that was accepted as it is; 0: none.</summary>
    public static async Task<long> UpToAsync(NpgsqlConnection connection, MasterKey key, CancellationToken cancellation)
    {
        var upTo = 0L;
        foreach (var e in await StoredEvents.OfTypesAsync(connection, [AcceptedEvent], cancellation)) upTo = Math.Max(upTo, UpToOf(e.Data, key));
        return upTo;
    }

    public static string SealOf(MasterKey key, long upTo) => key.Mac("checkpoints accepted", upTo.ToString(CultureInfo.InvariantCulture));

    private static long UpToOf(byte[] data, MasterKey key) => EventRecord.ReadOrDefault(
        () => JsonSerializer.Deserialize<Sealed>(data, NotifyJson.Options) is { Seal: { } seal } x && seal == SealOf(key, x.UpTo) ? x.UpTo : 0);

    private sealed record Sealed(long UpTo, string? Seal);
}
