using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Notify.Kernel.Texts;

namespace Notify.Rules.Messages;

/// <summary>The format of a time in a message, such as <c>HH:mm</c>, parsed once. Immutable.</summary>
internal sealed class TimeFormat
{
    private const int MaxLength = 64;

    private const string Weekday = "ddd";
    private const string WholeWeekday = "dddd";
    private const string HalfOfDay = "tt";

    /// <summary>The supported fields. <c>zzz</c> is the offset from UTC, such as +08:00.</summary>
    private static readonly string[] known =
        ["yyyy", "yy", "MM", "M", "dd", "d", WholeWeekday, Weekday, "HH", "H", "hh", "h", "mm", "m", "ss", "s", "f", "ff", "fff", HalfOfDay, "zzz"];

    private readonly List<Piece> pieces;

    private TimeFormat(List<Piece> pieces) => this.pieces = pieces;

    /// <param name="Text">A .NET format string; or, if <paramref name="IsWord"/>, a field that is written in the message's language instead.</param>
    private readonly record struct Piece(string Text, bool IsWord);

    /// <summary>Latin letters are format characters, unless between single quotes; everything else (年月日 too) is literal.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out TimeFormat? format, [NotNullWhen(false)] out string? fault)
    {
        var (pieces, sofar) = (new List<Piece>(), new StringBuilder());
        format = null;
        fault = text.Length is 0 or > MaxLength ? $"A format has 1 to {MaxLength} characters" : null;
        for (var i = 0; i < text.Length && fault is null;)
        {
            var start = i;
            if (text[i] == '\'')
            {
                var end = text.IndexOf('\'', i + 1);
                if (end < 0) fault = "Unclosed single quote";
                // Two quotes in a row stand for one, inside a quotation and outside.
                else AppendLiteral(end == i + 1 || (end + 1 < text.Length && text[end + 1] == '\'')
                    ? text.AsSpan(i + 1, end - i) : text.AsSpan(i + 1, end - i - 1));
                i = end + 1;
            }
            else if (char.IsAsciiLetter(text[i]))
            {
                while (i < text.Length && text[i] == text[start]) i++;
                var field = text[start..i];
                if (!known.Contains(field, StringComparer.Ordinal))
                    fault = $"A time format cannot contain '{field}' (known: {string.Join(", ", known)}; put other letters in single quotes)";
                if (field is Weekday or WholeWeekday or HalfOfDay) pieces.AddRange([.. SoFar(), new(field, true)]);
                else sofar.Append(field);
            }
            else AppendLiteral(text.AsSpan(i++, 1));
        }

        if (fault is not null) return false;
        format = new([.. pieces, .. SoFar()]);
        return true;

        void AppendLiteral(ReadOnlySpan<char> literal)
        {
            foreach (var c in literal) sofar.Append('\\').Append(c);
        }

        // The percent sign keeps .NET from reading a single letter as a standard format.
        Piece[] SoFar()
        {
            Piece[] piece = sofar.Length == 0 ? [] : [new(sofar.Length == 1 ? $"%{sofar}" : sofar.ToString(), false)];
            sofar.Clear();
            return piece;
        }
    }

    /// <param name="local">The local time to show.</param>
    public string Format(DateTimeOffset local, MessageWords words) => string.Concat(pieces.Select(x => x switch
    {
        { IsWord: false } => local.ToString(x.Text, CultureInfo.InvariantCulture),
        { Text: HalfOfDay } => words.HalfOfDay(local.Hour),
        _ => words.Weekday(local.DayOfWeek, whole: x.Text == WholeWeekday),
    }));
}
