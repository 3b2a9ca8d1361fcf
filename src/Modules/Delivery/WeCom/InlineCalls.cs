using System.Text.RegularExpressions;
using Notify.Contracts.Rules;

namespace Notify.Delivery.WeCom;

/// <summary>
/// Whom a text calls where it names them, by <c>&lt;@account&gt;</c>. Only a message's author can have written that, as an alarm's own words
/// cannot.
/// </summary>
internal static partial class InlineCalls
{
    private const string Opener = "<@";

    /// <summary>In order; the other formats know no such call.</summary>
    public static IEnumerable<string> In(RenderedMessage message) =>
        message.Format is WeComFormats.Text or WeComFormats.Markdown && message.Text.Contains(Opener, StringComparison.Ordinal)
            ? Call().Matches(message.Text).Select(x => x.Groups["who"].Value)
            : [];

    /// <summary>A line that calls whoever these texts call, each once; empty when they call nobody.</summary>
    public static string Line(IEnumerable<RenderedMessage> messages) =>
        string.Join(' ', messages.SelectMany(In).Distinct(StringComparer.OrdinalIgnoreCase).Select(x => $"{Opener}{x}>"));

    [GeneratedRegex(@"<@(?<who>[^<>|\s]{1,64})>", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Call();
}
