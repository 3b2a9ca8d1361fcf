using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel.Texts;

namespace Notify.Kernel.Http;

/// <summary>
/// The Chinese translations of a module's problem texts, one per line (<see cref="BilingualText.Parse"/>). <c>{}</c> is a placeholder for a value;
/// <c>{0}</c> in the Chinese inserts the first value, translated if it has its own line. In quotation marks, or as <c>{=0}</c>, it is inserted
/// unchanged. So the code contains only the English texts.
/// </summary>
public sealed record ProblemTable(string Lines);

/// <summary>Translates problem texts. A text without a line stays English.</summary>
public sealed partial class ProblemTexts
{
    private const int MostNested = 4;

    private readonly Dictionary<string, string> whole = new(StringComparer.Ordinal);
    private readonly List<(string[] Parts, string Chinese)> filled = [];

    public ProblemTexts(IEnumerable<ProblemTable> tables)
    {
        foreach (var line in tables.SelectMany(x => x.Lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
        {
            var (english, chinese) = BilingualText.Parse(line);
            if (english.Contains("{}", StringComparison.Ordinal)) filled.Add((english.Split("{}"), chinese));
            else whole[english] = chinese;
        }

        // The most specific template wins.
        filled.Sort((a, b) => b.Parts.Sum(x => x.Length).CompareTo(a.Parts.Sum(x => x.Length)));
    }

    public string Chinese(string english) => Chinese(english, 0);

    public string In(string english, bool chinese) => chinese ? Chinese(english) : english;

    private string Chinese(string english, int depth)
    {
        if (whole.TryGetValue(english, out var text)) return text;
        if (depth > MostNested) return english;
        foreach (var (parts, chinese) in filled)
        {
            if (Match(english, parts) is not { } values) continue;
            return Hole().Replace(chinese, hole =>
            {
                var value = values[int.Parse(hole.Groups["place"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture)];
                return hole.Groups["quoted"].Success ? $"“{value}" : hole.Groups["exact"].Success ? value : Chinese(value, depth + 1);
            });
        }

        // A field, followed by its fault.
        var colon = english.IndexOf(": ", StringComparison.Ordinal);
        return colon > 0 && !english.AsSpan(0, colon).Contains(' ') ? $"{english[..colon]}：{Chinese(english[(colon + 2)..], depth + 1)}" : english;
    }

    [GeneratedRegex(@"(?<quoted>“)?\{(?<exact>=)?(?<place>\d)\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Hole();

    private static List<string>? Match(string text, string[] parts)
    {
        if (!text.StartsWith(parts[0], StringComparison.Ordinal) || !text.EndsWith(parts[^1], StringComparison.Ordinal)) return null;
        var (values, at) = (new List<string>(), parts[0].Length);
        for (var i = 1; i < parts.Length; i++)
        {
            var end = i == parts.Length - 1 ? text.Length - parts[i].Length : text.IndexOf(parts[i], at, StringComparison.Ordinal);
            if (end < at) return null;
            values.Add(text[at..end]);
            at = end + parts[i].Length;
        }

        return values;
    }
}

public static class ProblemTables
{
    /// <summary>Adds a module's texts.</summary>
    public static IServiceCollection AddProblemTexts(this IServiceCollection services, string lines) =>
        services.AddSingleton(new ProblemTable(lines));
}
