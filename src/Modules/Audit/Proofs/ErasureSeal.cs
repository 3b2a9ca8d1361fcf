using System.Globalization;
using Notify.Kernel.Secrets;

namespace Notify.Audit.Proofs;

/// <summary>The seal of a record of erased or expired entries. Without it, anyone who can write to the database could append a record of their own
/// and so erase any entry unnoticed.</summary>
public static class ErasureSeal
{
    public static string Of(MasterKey key, string stream, IEnumerable<ErasedEntry> entries) =>
        key.Mac("erased", $"{stream}\n{string.Join('\n', entries.Select(x => string.Create(CultureInfo.InvariantCulture, $"{x.Sequence} {string.Join(',', x.Values)} {x.After}")))}");
}
