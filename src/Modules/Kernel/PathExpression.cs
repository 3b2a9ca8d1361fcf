using System.Globalization;
using System.Text;

namespace Notify.Kernel;

/// <summary>Converts paths to PostgreSQL regular expressions.</summary>
public static class PathExpression
{
    private const int FullWidth = 0xFEE0; // the offset from ASCII characters to their full-width forms

    /// <param name="segments"><c>*</c> matches one segment, <c>**</c> any number of them.</param>
    public static string Of(IEnumerable<string> segments)
    {
        // Each segment ends with a slash or at the end of the path.
        var expression = new StringBuilder("^/*");
        foreach (var segment in segments)
            expression.Append(segment switch { "*" => "[^/]+(/+|$)", "**" => "([^/]+(/+|$))*", _ => Literal(segment) + "(/+|$)" });
        return expression.Append('$').ToString();
    }

    private static StringBuilder Literal(string segment)
    {
        var text = new StringBuilder();
        foreach (var c in segment)
        {
            if (c == ' ') text.Append(@"\s+");
            else if (char.IsAsciiLetterOrDigit(c))
                text.Append('[').Append(c).Append(Wide(char.ToUpperInvariant(c))).Append(Wide(char.ToLowerInvariant(c))).Append(']');
            else if (char.IsAscii(c)) text.Append(@"[\").Append(c).Append(Wide(c)).Append(']');
            else if (IsPartOfWord(c)) text.Append(c);
            else text.Append('\\').Append(c);
        }

        return text;
    }

    /// <summary>Other characters must be escaped.</summary>
    private static bool IsPartOfWord(char c) => char.IsLetterOrDigit(c) || char.IsSurrogate(c)
        || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    private static char Wide(char c) => (char)(c + FullWidth);
}
