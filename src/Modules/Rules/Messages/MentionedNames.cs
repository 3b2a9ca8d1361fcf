using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Rules.Messages;

/// <summary>The names in a value: one or several, separated by commas, semicolons or white space. A value never mentions everyone; only the author of
/// a message can.</summary>
internal sealed class MentionedNames
{
    private static readonly char[] dividers = [',', ';', ' ', '\t', '\r', '\n', '，', '；', '、', '\u3000'];

    public MentionedNames(string value, Func<string, bool> isName)
    {
        foreach (var part in value.Split(dividers, StringSplitOptions.RemoveEmptyEntries))
        {
            var name = part.TrimStart('@');
            if (IsEveryone(name) || !isName(name)) Others.Add(part);
            else if (!Callable.Contains(name, StringComparer.OrdinalIgnoreCase)) Callable.Add(name);
        }
    }

    public List<string> Callable { get; } = [];

    /// <summary>The parts of the value that cannot be mentioned.</summary>
    public List<string> Others { get; } = [];

    // An angle bracket or a bar would break the inline form <@account>.
    public static bool IsAccount(string name) =>
        name.Length is > 0 and <= 64 && !name.Any(c => char.IsWhiteSpace(c) || c is '<' or '>' or '|') && Names.HiddenIn(name) is null;

    public static bool IsMobile(string number)
    {
        var digits = number.AsSpan(number.StartsWith('+') ? 1 : 0);
        return digits.Length is >= 5 and <= 20 && digits.IndexOfAnyExceptInRange('0', '9') < 0;
    }

    /// <param name="mention">The mention as written in the message.</param>
    /// <param name="noName">The reason given for parts that are not names.</param>
    public IEnumerable<NotMentioned> Missed(string mention, string noName) => Callable.Count + Others.Count == 0
        ? [new(mention, NotMentioned.Empty)]
        : Others.Select(x => new NotMentioned(mention, IsEveryone(x.TrimStart('@')) ? NotMentioned.Everyone : noName, x));

    private static bool IsEveryone(string name) => name.Equals("all", StringComparison.OrdinalIgnoreCase);
}
