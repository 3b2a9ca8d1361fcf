using Notify.Audit.Proofs.Format;

namespace Notify.Audit.Proofs.Log;

/// <summary>
/// What remains of an event's salts after part of it was erased. Values count from 1 in the order in which they stand; 0 is the body. The seed, from
/// which all salts follow, is gone then: what was kept has its salt here, what was erased its commitment.
/// </summary>
/// <param name="Salts">16 bytes for each value, zeros for an erased one.</param>
/// <param name="Commitments">32 bytes for each erased value.</param>
public sealed record Redaction(byte[] Salts, IReadOnlyDictionary<int, byte[]> Commitments)
{
    public const int Body = 0;

    /// <summary>Of a row: its erased values, and null where the row does not hold together, so that reading it would fail.</summary>
    public const string WholeSql =
        """
        case when array_ndims(erased) = 1 and array_lower(erased, 1) = 1 then
          case when array_position(erased, null) is null and octet_length(commitments) = 32 * cardinality(erased) and octet_length(salts) % 16 = 0
            and (select count(distinct v) = count(*) and min(v) >= 0 and max(v) < octet_length(salts) / 16 from unnest(erased) v) then erased end end
        """;

    /// <summary>Of a value that the event did not have when it was redacted, zeros: no leaf follows from them.</summary>
    public ReadOnlySpan<byte> Salt(int value) => (value + 1) * EntryEncoding.SaltSize <= Salts.Length
        ? Salts.AsSpan(value * EntryEncoding.SaltSize, EntryEncoding.SaltSize) : new byte[EntryEncoding.SaltSize];
}
