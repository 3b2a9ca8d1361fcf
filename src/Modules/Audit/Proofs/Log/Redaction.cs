using Notify.Audit.Proofs.Format;

namespace Notify.Audit.Proofs.Log;

/// <summary>
/// What is left of an event's salts after something of it was erased. Values count from 1 in the order in which they stand; 0 is the body.
/// The seed, from which all salts follow, is gone then: what was kept has its salt here, what was erased its commitment.
/// </summary>
/// <param name="Salts">16 bytes for each value, zeros for an erased one.</param>
/// <param name="Commitments">32 bytes for each erased value.</param>
public sealed record Redaction(byte[] Salts, IReadOnlyDictionary<int, byte[]> Commitments)
{
    public const int Body = 0;

    public ReadOnlySpan<byte> Salt(int value) => Salts.AsSpan(value * EntryForm.SaltSize, EntryForm.SaltSize);
}
