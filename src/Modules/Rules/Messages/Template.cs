using System.Diagnostics.CodeAnalysis;
using System.Text;
using Notify.Channels.Messages;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;

namespace Notify.Rules.Messages;

/// <summary>A message's content, parsed once for its format: literal text, and parameters in braces. The place of each parameter is known, and with
/// it what its value must not do there. Immutable.</summary>
public sealed class Template
{
    private readonly List<Part> parts;
    private readonly IMessageFormat format;

    private Template(List<Part> parts, IMessageFormat format) => (this.parts, this.format) = (parts, format);

    /// <summary>Literal text, or one parameter.</summary>
    private readonly record struct Part(string Text, Func<AlarmFacts, TemplateContext, string>? Value, ValuePlace Place = ValuePlace.Words)
    {
        public bool IsOwnLink => Text == TemplateParameters.UrlPath;
    }

    /// <summary>Reports every fault, not only the first, so that the author can fix all of them at once.</summary>
    public static bool TryParse(
        string content, IMessageFormat format, [NotNullWhen(true)] out Template? template, out IReadOnlyList<TemplateFault> faults)
    {
        var read = new List<Part>();
        var found = new List<TemplateFault>();
        var literal = new StringBuilder();
        for (var i = 0; i < content.Length; i++)
        {
            var c = content[i];
            if (c is not ('{' or '}')) literal.Append(c);
            else if (i + 1 < content.Length && content[i + 1] == c)
            {
                literal.Append(c);
                i++;
            }
            else if (c == '}') found.Add(Fault(content, i, null, "Unmatched '}' (write '}}' for the character)"));
            else
            {
                var length = TemplateParameters.EndOf(content.AsSpan(i + 1));
                if (length < 0)
                {
                    found.Add(Fault(content, i, null, "Unmatched '{' (write '{{' for the character)"));
                    continue;
                }
                var name = content.Substring(i + 1, length);
                if (!TemplateParameters.TryFind(name, out var value, out var fault)) found.Add(Fault(content, i, name, fault));
                if (literal.Length > 0) read.Add(new(literal.ToString(), null));
                literal.Clear();
                read.Add(new(name, value));
                i += length + 1;
            }
        }
        if (literal.Length > 0) read.Add(new(literal.ToString(), null));
        faults = found;
        template = found.Count == 0 ? new(Placed(read, format), format) : null;
        return template is not null;
    }

    /// <exception cref="FormatException">The content has faults; the text describes the first.</exception>
    public static Template Parse(string content, IMessageFormat format) =>
        TryParse(content, format, out var template, out var faults) ? template : throw new FormatException(faults[0].ToString());

    /// <summary>The text for one alarm. Values can neither change the format's markup nor mention anyone, except in a mention that the author
    /// wrote.</summary>
    /// <param name="notMentioned">Receives the mentions that have no effect.</param>
    public string Render(AlarmFacts alarm, TemplateContext context, ICollection<NotMentioned>? notMentioned = null)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            if (part.Value is null) text.Append(part.Text);
            else if (part.Place == ValuePlace.Mention) AppendMention(text, part, alarm, context, notMentioned);
            // Notify's own address needs no escaping where an address may stand.
            else if (part.IsOwnLink && part.Place is ValuePlace.Words or ValuePlace.BareAddress) text.Append(part.Value(alarm, context));
            else format.Append(text, part.Value(alarm, context), part.Place);
        }
        return text.ToString();
    }

    /// <summary>Values and literal text without escaping, for content that is not shown as text.</summary>
    internal string RenderPlain(AlarmFacts alarm, TemplateContext context) =>
        string.Concat(parts.Select(x => x.Value is null ? x.Text : x.Value(alarm, context)));

    /// <summary>A name that cannot be mentioned is written as text, so that readers know who was meant.</summary>
    private void AppendMention(StringBuilder text, Part part, AlarmFacts alarm, TemplateContext context, ICollection<NotMentioned>? notMentioned)
    {
        var named = new MentionedNames(part.Value!(alarm, context), MentionedNames.IsAccount);
        foreach (var missed in named.Missed($"{format.CallOpener}{{{part.Text}}}{format.CallCloser}", NotMentioned.NoAccount)) notMentioned?.Add(
            missed);
        text.AppendJoin(' ', named.Callable.Select(x => $"{format.CallOpener}{x}{format.CallCloser}"));
        foreach (var other in named.Others)
        {
            if (text.Length > 0 && text[^1] == format.CallCloser) text.Append(' ');
            format.Append(text, other);
        }
    }

    /// <summary>Determines the place of each parameter. The brackets around a mention become part of it, so that they are omitted when there is no
    /// name.</summary>
    private static List<Part> Placed(List<Part> read, IMessageFormat format)
    {
        var placed = new List<Part>(read.Count);
        var before = new StringBuilder();
        for (var i = 0; i < read.Count; i++)
        {
            var part = read[i];
            if (part.Value is null)
            {
                before.Append(part.Text);
                if (placed is [.., { Place: ValuePlace.Mention }]) part = part with { Text = part.Text[1..] };
                placed.Add(part);
                continue;
            }

            var seen = Math.Min(before.Length, format.FarthestLook);
            var after = i + 1 < read.Count && read[i + 1].Value is null ? read[i + 1].Text : "";
            var place = format.PlaceOf(before.ToString(before.Length - seen, seen), after);
            if (place == ValuePlace.Mention) placed[^1] = placed[^1] with { Text = placed[^1].Text[..^format.CallOpener!.Length] };
            placed.Add(part with { Place = place });
            before.Append(part.IsOwnLink ? "https://" : ValuePlaces.Parameter);
        }

        return placed;
    }

    private static TemplateFault Fault(string content, int offset, string? parameter, string problem)
    {
        var (line, lineStart) = (1, 0);
        for (var i = 0; i < offset; i++)
        {
            if (content[i] != '\n' && (content[i] != '\r' || content[i + 1] == '\n')) continue;
            line++;
            lineStart = i + 1;
        }
        return new(parameter, problem, line, offset - lineStart + 1, offset);
    }
}
