using System.Text.Json;
using Notify.Audit.Proofs;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Secrets;
using Npgsql;

namespace Notify.Audit.Retention;

/// <summary>
/// The legal holds, from their events. The table of holds is derived from them, for readers of the database: deleting a row there releases nothing,
/// and a record of a release counts only with Notify's seal.
/// </summary>
/// <param name="Open">Those in force, oldest first.</param>
/// <param name="Released">The ids of the others.</param>
/// <param name="Findings">Records that cannot be read, or that Notify did not write.</param>
public sealed record HoldsOnRecord(IReadOnlyList<LegalHold> Open, IReadOnlySet<string> Released, IReadOnlyList<Finding> Findings)
{
    /// <summary>Also the released ones.</summary>
    public IReadOnlyList<LegalHold> Placed { get; private init; } = [];

    public static string SealOf(MasterKey key, string hold) => key.Mac("hold released", hold);

    public static async Task<HoldsOnRecord> ReadAsync(NpgsqlConnection connection, MasterKey key, CancellationToken cancellation)
    {
        var accepted = await Baseline.UpToAsync(connection, key, cancellation);
        var (placed, released, findings) = (new List<LegalHold>(), new HashSet<string>(StringComparer.Ordinal), new List<Finding>());
        foreach (var e in await StoredEvents.OfTypesAsync(connection, [ProofEvents.HoldPlacedName, ProofEvents.HoldReleasedName], cancellation))
        {
            var (sequence, id, type, data) = (e.Sequence, e.StreamId, e.Type, e.Data);
            if (type == ProofEvents.HoldPlacedName)
            {
                var hold = Read<HoldPlaced>(data);
                // A hold that cannot be read covers everything.
                if (hold is null) findings.Add(
                    new Finding("hold", $"The record of the legal hold {id} cannot be read; it is taken to keep everything.", sequence, type, id));
                placed.Add(new LegalHold(
                    id, hold?.Name ?? Erased.Text, hold?.Resource == Erased.Text
                    ? null : hold?.Resource, hold?.From, hold?.To, hold?.Reason ?? Erased.Text,
                    e.At));
            }
            else if (sequence <= accepted || string.Equals(Read<HoldReleased>(data)?.Seal, SealOf(key, id), StringComparison.Ordinal))
            {
                released.Add(id);
            }
            else
            {
                findings.Add(new Finding("hold",
                    $"The record that the legal hold {id} was released was not written by this installation; the hold lasts.", sequence, type, id));
            }
        }

        return new HoldsOnRecord([.. placed.Where(x => !released.Contains(x.Id))], released, findings) { Placed = placed };
    }

    /// <summary>The open holds, and those of an earlier moment that were not released since: removing a record meanwhile releases nothing.</summary>
    public IReadOnlyList<LegalHold> With(IEnumerable<LegalHold> earlier) =>
        [.. Open.Concat(earlier.Where(x => !Released.Contains(x.Id))).DistinctBy(x => x.Id)];

    private static T? Read<T>(byte[] data)
        where T : class => EventRecord.ReadOrDefault(() => JsonSerializer.Deserialize<T>(data, NotifyJson.Options));
}
