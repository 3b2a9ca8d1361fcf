using System.Globalization;
using Notify.Kernel;

namespace Notify.Audit.Proofs.Format;

/// <summary>
/// The number of leaves and the root of a log at an instant. The text of a signed note in the form of https://c2sp.org/tlog-checkpoint: the origin,
/// the size, the root in base 64, and an extension line with the instant.
/// </summary>
public sealed record Checkpoint(string Origin, long Size, byte[] Root, DateTimeOffset At)
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    public string Text => string.Create(CultureInfo.InvariantCulture,
        $"{Origin}\n{Size}\n{Convert.ToBase64String(Root)}\nat {At.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture)}\n");

    /// <returns>Null: the text is not a checkpoint in exactly this form.</returns>
    public static Checkpoint? Parse(string text)
    {
        var lines = text.Split('\n');
        if (lines.Length != 5 || lines[0].Length == 0
            || !long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)) return null;
        var root = new byte[Sha256.Size];
        if (!Convert.TryFromBase64String(lines[2], root, out var length) || length != Sha256.Size) return null;
        if (!lines[3].StartsWith("at ", StringComparison.Ordinal)
            || !DateTimeOffset.TryParseExact(lines[3][3..], Format, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at)) return null;
        var result = new Checkpoint(lines[0], size, root, at);
        return string.Equals(result.Text, text, StringComparison.Ordinal) ? result : null;
    }
}
