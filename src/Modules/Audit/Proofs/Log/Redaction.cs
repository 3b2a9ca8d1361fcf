using Notify.Audit.Proofs.Format;

namespace Notify.Audit.Proofs.Log;

/// <summary>
/// What remains of an event's salts after part of it was erased. The seed, from which all salts follow, is destroyed then: a value that was kept has
/// its salt here, an erased one its commitment. Values are numbered from 1 in the order of the event; 0 is the body.
/// </summary>
/// <param name="Salts">16 bytes for each value, zeros for an erased one.</param>
/// <param name="Commitments">32 bytes for each erased value.</param>
public sealed record Redaction(byte[] Salts, IReadOnlyDictionary<int, byte[]> Commitments)
{
    public const int Body = 0;

    /// <summary>SQL: the erased values of a row; null if the row is inconsistent, so that reading it would fail.</summary>
    public const string WholeSql =
        """
        case when array_ndims(erased) = 1 and array_lower(erased, 1) = 1 then
          case when array_position(erased, null) is null and octet_length(commitments) = 32 * cardinality(erased) and octet_length(salts) % 16 = 0
            and (select count(distinct v) = count(*) and min(v) >= 0 and max(v) < octet_length(salts) / 16 from unnest(erased) v) then erased end end
        """;

    /// <summary>The salt of a value; zeros if the event did not have the value when it was redacted, so that its leaf does not match.</summary>
    public ReadOnlySpan<byte> Salt(int value) => (value + 1) * EntryEncoding.SaltSize <= Salts.Length
        ? Salts.AsSpan(value * EntryEncoding.SaltSize, EntryEncoding.SaltSize) : new byte[EntryEncoding.SaltSize];
}
