using System.Text;
using System.Text.RegularExpressions;
using Notify.Kernel.Http;

namespace Notify.Architecture.Tests;

/// <summary>The code that refuses, warns or reports a finding contains the English text; the module's table has the Chinese.</summary>
public sealed partial class ProblemTextTests
{
    private static readonly ProblemTexts texts = new(
        from assembly in Solution.Product
        from type in assembly.GetTypes()
        where type.Name.EndsWith("ProblemTexts", StringComparison.Ordinal) && type.GetField("Lines") is not null
        select new ProblemTable((string)type.GetField("Lines")!.GetRawConstantValue()!));

    [Fact]
    public void each_text_of_a_refusal_has_a_chinese_line()
    {
        List<(string Path, string Text)> found =
        [
            .. from source in Solution.Sources("src")
            from call in Refusal().Matches(source.Text)
            from text in Sentences(source.Text, call.Index + call.Length)
            select (source.Path, text),
        ];
        found.Should().HaveCountGreaterThan(250, "else this looks for something that is no longer written so");
        found.Where(x => !Chinese().IsMatch(texts.Chinese(x.Text))).Select(x => $"{x.Path}: {x.Text}").Should()
            .BeEmpty("give each a line in the table of its module (…ProblemTexts.cs)");
    }

    /// <summary>What Notify itself says of an attempt that failed stands in the history, which people read in either language.</summary>
    [Fact]
    public void each_reason_of_notify_s_own_why_an_attempt_failed_has_a_chinese_line()
    {
        List<(string Path, string Text)> found =
        [
            .. from source in Solution.Sources("src/Modules/Channels").Concat(Solution.Sources("src/Modules/Delivery"))
            from reason in Reason().Matches(source.Text)
            select (source.Path, ReasonAt(source.Text, reason.Index + reason.Length - 1)),
        ];
        found.Should().HaveCountGreaterThan(12, "else this looks for something that is no longer written so");
        // A code, or what is filled in alone, has no words.
        found.Where(x => x.Text.Contains(' ', StringComparison.Ordinal) && x.Text.Any(char.IsLetter) && !Chinese().IsMatch(texts.Chinese(x.Text)))
            .Select(x => $"{x.Path}: {x.Text}").Should().BeEmpty("give each a line in the table of its module (…ProblemTexts.cs)");

        static string ReasonAt(string source, int at) => ReadLiteral(source, ref at);
    }

    /// <summary>The sentences among the literals up to the end of the call, with a value in each hole.</summary>
    private static IEnumerable<string> Sentences(string source, int at)
    {
        for (var depth = 1; at < source.Length && depth > 0; at++)
        {
            if (source[at] is '(') depth++;
            else if (source[at] is ')') depth--;
            else if (source[at] is '\'') at += source[at + 1] is '\\' ? 3 : 2;
            else if (source[at] is '"' && ReadLiteral(source, ref at) is var text && Sentence().IsMatch(text)) yield return text;
        }
    }

    /// <param name="at">Of the opening quotation mark; then of the closing one.</param>
    private static string ReadLiteral(string source, ref int at)
    {
        var hasHoles = source[at - 1] is '$';
        var text = new StringBuilder();
        for (at++; source[at] is not '"'; at++)
        {
            if (source[at] is '\\') text.Append(source[++at]);
            else if (hasHoles && source[at] is '{')
            {
                SkipHole(source, ref at);
                text.Append('7');
            }
            else text.Append(source[at]);
        }

        return text.ToString();
    }

    private static void SkipHole(string source, ref int at)
    {
        for (var depth = 1; depth > 0;)
        {
            at++;
            if (source[at] is '{') depth++;
            else if (source[at] is '}') depth--;
            else if (source[at] is '\'') at += 2;
            else if (source[at] is '"') ReadLiteral(source, ref at);
        }
    }

    [GeneratedRegex(
        @"\b(ProblemException\.(Invalid|Conflict|Unavailable)|new ProblemException|new(?=\(\d{3}, "")|(?i:errors|warnings)\??\.Add|Fault|NotReadable|AuthenticateResult\.Fail"
            + @"|ProblemResponses\.Explain|new (YamlException|RefusedToSignException|LogDamagedException|NoFileException|SecretUnreadableException|Finding|SkippedRow)|findings\.Add(Range)?"
            + @"|(Unwatched|Report)Async|HealthCheckResult\.(Degraded|Unhealthy)|yield return Of|Of(?=\(""(inserted|changed|reordered)""))\(",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Refusal();

    [GeneratedRegex(@"(\bRefuse\(|\bPlatformMessage = ([\w.]+ \? )?|\bPlatformMessage \?\? |\bUnrecorded = )\$?""",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Reason();

    [GeneratedRegex(@"^['A-Z0-9].* .*[.:?]$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Sentence();

    [GeneratedRegex(@"\p{IsCJKUnifiedIdeographs}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Chinese();
}
