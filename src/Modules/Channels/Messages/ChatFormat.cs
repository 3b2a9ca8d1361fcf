using System.Text;
using System.Text.RegularExpressions;
using Notify.Kernel.Texts;

namespace Notify.Channels.Messages;

/// <summary>A format of chat platforms: plain text or a dialect of markdown, without a character that would escape others
/// (<see cref="Escaping"/>).</summary>
public sealed partial record ChatFormat(string Name, BilingualText Label) : IMessageFormat
{
    public bool IsMarkdown { get; init; }

    /// <summary>Whether a vertical bar separates the cells of a table.</summary>
    public bool HasTables { get; init; }

    /// <summary>Whether a value may have several lines.</summary>
    public bool KeepsLines { get; init; }

    /// <summary><c>&lt;@account&gt;</c> mentions somebody.</summary>
    public string? CallOpener { get; init; } = "<@";

    public char CallCloser { get; init; } = '>';

    /// <summary>Whether the platform's clients understand mentions in the text.</summary>
    public bool Calls { get; init; }

    public ValuePlace PlaceOf(ReadOnlySpan<char> before, ReadOnlySpan<char> after) =>
        CallOpener is { } opener && before.EndsWith(opener, StringComparison.Ordinal) && after.Length > 0 && after[0] == CallCloser
            ? ValuePlace.Mention
        : ValuePlaces.Of(before, IsMarkdown);

    public void Append(StringBuilder text, string value, ValuePlace place = ValuePlace.Words, bool oneLine = false) =>
        Escaping.Append(text, value, this, place, oneLine);

    public IEnumerable<string> CallsIn(string text) =>
        Calls && CallOpener is { } opener && text.Contains(opener, StringComparison.Ordinal)
            ? Call().Matches(text).Select(x => x.Groups["who"].Value) : [];

    [GeneratedRegex(@"<@(?<who>[^<>|\s]{1,64})>", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Call();
}
