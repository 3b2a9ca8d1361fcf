using Notify.Channels.Messages;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;

namespace Notify.Rules.Messages;

/// <summary>The people whom a message mentions: fixed names, and parameters such as <c>{labels.owner}</c> whose value names somebody. Parsed once;
/// immutable.</summary>
internal sealed class CompiledMentions
{
    private readonly Mentions fixedOnes;
    private readonly List<(string Text, Template Template)> accounts;
    private readonly List<(string Text, Template Template)> mobiles;

    /// <param name="format">The format of the message; in a name it has no effect.</param>
    public CompiledMentions(Mentions mentions, IMessageFormat format)
    {
        (accounts, mobiles) = (Templates(mentions.Accounts, format), Templates(mentions.Mobiles, format));
        fixedOnes = accounts.Count + mobiles.Count == 0 ? mentions : new(Rest(mentions.Accounts, accounts), Rest(mentions.Mobiles, mobiles));
    }

    public Mentions Render(AlarmFacts alarm, TemplateContext context, ICollection<NotMentioned> notMentioned) => accounts.Count + mobiles.Count == 0
        ? fixedOnes
        : new(
            Resolve(fixedOnes.Accounts, accounts, MentionedNames.IsAccount, NotMentioned.NoAccount, alarm, context, notMentioned),
            Resolve(fixedOnes.Mobiles, mobiles, MentionedNames.IsMobile, NotMentioned.NoMobile, alarm, context, notMentioned));

    private static List<string> Resolve(
        IReadOnlyList<string> names, List<(string Text, Template Template)> templates, Func<string, bool> isName, string noName, AlarmFacts alarm,
        TemplateContext context,
        ICollection<NotMentioned> notMentioned)
    {
        List<string> all = [.. names];
        foreach (var (text, template) in templates)
        {
            var named = new MentionedNames(template.RenderPlain(alarm, context), isName);
            foreach (var missed in named.Missed(text, noName)) notMentioned.Add(missed);
            all.AddRange(named.Callable.Except(all, StringComparer.OrdinalIgnoreCase).Take(MessageSettings.MaxMentions - all.Count));
        }

        return all;
    }

    /// <summary>Text with a brace that is not a valid parameter is a name: it may have been stored before parameters existed.</summary>
    private static List<(string Text, Template Template)> Templates(IReadOnlyList<string> names, IMessageFormat format)
    {
        var templates = new List<(string, Template)>();
        foreach (var name in names)
            if (name.Contains('{', StringComparison.Ordinal) && Template.TryParse(name, format, out var template, out _)) templates.Add(
                (name, template));
        return templates;
    }

    private static List<string> Rest(IReadOnlyList<string> names, List<(string Text, Template Template)> templates) =>
        [.. names.Where(x => !templates.Exists(t => t.Text == x))];
}
