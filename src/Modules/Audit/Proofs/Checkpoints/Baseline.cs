using System.Globalization;
using System.Text.Json;
using Notify.Kernel;
using Notify.Kernel.Secrets;
using Npgsql;

namespace Notify.Audit.Proofs.Checkpoints;

/// <summary>Up to where an administrator has taken the history as it is: seals of an earlier master key are not asked for there.</summary>
internal static class Baseline
{
    /// <summary>The last event that was taken as it is; 0: none was.</summary>
    public static async Task<long> UpToAsync(NpgsqlConnection connection, MasterKey key, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select data from {Database.Schema}.mt_events where type = 'audit.checkpoints_accepted.v1'", connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var upTo = 0L;
        while (await reader.ReadAsync(cancellation)) upTo = Math.Max(upTo, UpToOf(reader.GetString(0), key));
        return upTo;
    }

    public static string SealOf(MasterKey key, long upTo) => key.Mac("checkpoints accepted", upTo.ToString(CultureInfo.InvariantCulture));

    private static long UpToOf(string data, MasterKey key)
    {
        try
        {
            return JsonSerializer.Deserialize<Sealed>(data, NotifyJson.Options) is { Seal: { } seal } x && seal == SealOf(key, x.UpTo) ? x.UpTo : 0;
        }
        catch (JsonException)
        {
            return 0;
        }
    }

    private sealed record Sealed(long UpTo, string? Seal);
}
