using System.Globalization;
using System.Text;

namespace Notify.Channels.Messages;

/// <summary>
/// Splits a text that is too long for the platform into numbered parts: at line ends if possible, else between words, else between characters as
/// people see them, but never inside a tag, a link or an address. Markup open at a cut is closed before it and reopened after it.
/// </summary>
public static class MessageSplitter
{
    /// <summary>In bytes; less would leave no room for text beside numbering and markup.</summary>
    public const int SmallestLimit = 200;

    /// <summary>In bytes; a longer word is cut like text without spaces.</summary>
    private const int LongestWord = 60;

    /// <param name="Number">The prefix, such as <c>(1/3)</c> and a line end; empty if there is only one part.</param>
    /// <param name="Open">Reopened markup.</param>
    /// <param name="Slice">The piece of the original text; all slices together are the text.</param>
    /// <param name="Close">Closing markup.</param>
    public readonly record struct Part(string Number, string Open, string Slice, string Close)
    {
        public override string ToString() => string.Concat(Number, Open, Slice, Close);
    }

    /// <param name="limit">UTF-8 bytes of a whole part, including its number; at least <see cref="SmallestLimit"/>.</param>
    /// <param name="markup">Whether the text is markdown.</param>
    public static IReadOnlyList<Part> Split(string text, int limit, bool markup)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, SmallestLimit);
        if (text.Length * 3 <= limit || Encoding.UTF8.GetByteCount(text) <= limit) return [new("", "", text, "")];
        var units = Units(text, limit, markup);
        // The width of "(12/34)" depends on how many parts there are, which depends on the width.
        for (var digits = 1; ; digits++)
        {
            var parts = Cut(text, units, limit - (2 * digits + 4));
            if (parts.Count.ToString(CultureInfo.InvariantCulture).Length <= digits)
                return [.. parts.Select((part, i) => part with { Number = $"({i + 1}/{parts.Count})\n" })];
        }
    }

    /// <summary>An indivisible piece: a character as people see it, or a piece of markup.</summary>
    private readonly record struct Unit(int Start, int Length, int Bytes, Markup Markup);

    private static List<Unit> Units(string text, int limit, bool markup)
    {
        // A longer link is cut like text, so that any unit fits into a part.
        var longest = limit / 2;
        var units = new List<Unit>(text.Length);
        var pieces = markup ? MarkupPiece.Find(text) : MarkupPiece.FindInText(text);
        var next = 0;
        for (var i = 0; i < text.Length;)
        {
            while (next < pieces.Count && pieces[next].Start < i) next++;
            if (next < pieces.Count && pieces[next].Start == i && WholeLength(text, pieces[next]) is var whole && Bytes(i, whole) is var bytes
                && bytes <= longest)
            {
                units.Add(new(i, whole, bytes, pieces[next++].Kind));
                i += whole;
                continue;
            }
            var length = StringInfo.GetNextTextElementLength(text, i);
            if (next < pieces.Count && pieces[next].Start > i) length = Math.Min(length, pieces[next].Start - i);
            if (Bytes(i, length) > longest) Rune.DecodeFromUtf16(text.AsSpan(i), out _, out length);
            units.Add(new(i, length, Bytes(i, length), text[i + length - 1] == '\n' ? Markup.LineEnd : Markup.None));
            i += length;
        }
        return units;

        int Bytes(int start, int length) => Encoding.UTF8.GetByteCount(text.AsSpan(start, length));
    }

    /// <summary>Includes combining characters after the last letter of an address.</summary>
    private static int WholeLength(string text, MarkupPiece piece)
    {
        var last = piece.Start + piece.Length - 1;
        return piece.Length + (char.IsLowSurrogate(text[last]) ? 0 : StringInfo.GetNextTextElementLength(text, last) - 1);
    }

    private static List<Part> Cut(string text, List<Unit> units, int room)
    {
        var parts = new List<Part>();
        var open = OpenMarkup.None;
        for (var first = 0; first < units.Count;)
        {
            var opening = open;
            var used = opening.Opener.Length;
            var end = first;
            var afterLine = (End: first, Open: open);
            var afterWord = (End: first, Open: open, Used: used);
            while (end < units.Count)
            {
                var then = open.After(units[end].Markup, text.AsSpan(units[end].Start, units[end].Length));
                if (used + units[end].Bytes + then.Closer.Length > room && end > first) break;
                used += units[end].Bytes;
                open = then;
                end++;
                if (units[end - 1].Markup is Markup.LineEnd or Markup.Fence) afterLine = (end, open);
                // A space that combining characters follow does not end a word.
                var last = units[end - 1].Start;
                if (text[last] == ' ' && StringInfo.GetNextTextElementLength(text, last) == 1) afterWord = (end, open, used);
            }
            // Go back to the start of the line, unless the line would not fit into the next part either.
            if (end < units.Count && afterLine.End > first
                && LineFits(units, afterLine.End, room - afterLine.Open.Opener.Length - afterLine.Open.Closer.Length))
                (end, open) = afterLine;
            else if (end < units.Count && afterWord.End > first && used - afterWord.Used <= LongestWord)
                (end, open) = (afterWord.End, afterWord.Open);
            var start = units[first].Start;
            var stop = end < units.Count ? units[end].Start : text.Length;
            parts.Add(new("", opening.Opener, text[start..stop], end < units.Count ? open.Closer : ""));
            first = end;
        }
        return parts;
    }

    private static bool LineFits(List<Unit> units, int from, int room)
    {
        for (var i = from; i < units.Count && room >= 0; i++)
        {
            if (units[i].Markup == Markup.LineEnd) return true;
            room -= units[i].Bytes;
        }
        return room >= 0;
    }
}
