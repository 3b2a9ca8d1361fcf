using System.Diagnostics.CodeAnalysis;
using System.Text;
using Notify.Contracts.Alarms;

namespace Notify.Rules.Messages;

/// <summary>A message's content, read once: text that stays as its author wrote it, and parameters between braces. Immutable.</summary>
public sealed class Template
{
    private readonly List<Part> parts;

    private Template(List<Part> parts) => this.parts = parts;

    /// <summary>What stands between two parameters, or one parameter.</summary>
    private readonly record struct Part(string Text, Func<AlarmFacts, TemplateContext, string>? Value)
    {
        public bool IsOwnLink => Text == TemplateParameters.UrlPath;
    }

    /// <summary>Finds every fault, not only the first, so that its author mends them at once.</summary>
    public static bool TryParse(string content, [NotNullWhen(true)] out Template? template, out IReadOnlyList<TemplateFault> faults)
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
            else if (c == '}') found.Add(Fault(content, i, null, "A lone '}' (write '}}' for the character)"));
            else
            {
                var length = content.AsSpan(i + 1).IndexOfAny("{}\r\n");
                if (length < 0 || content[i + 1 + length] != '}')
                {
                    found.Add(Fault(content, i, null, "A lone '{' (write '{{' for the character)"));
                    continue;
                }
                var name = content.Substring(i + 1, length);
                var value = TemplateParameters.Find(name);
                if (value is null) found.Add(Fault(content, i, name, Unknown(name)));
                if (literal.Length > 0) read.Add(new(literal.ToString(), null));
                literal.Clear();
                read.Add(new(name, value));
                i += length + 1;
            }
        }
        if (literal.Length > 0) read.Add(new(literal.ToString(), null));
        faults = found;
        template = found.Count == 0 ? new(read) : null;
        return template is not null;
    }

    /// <exception cref="FormatException">The content has faults; the first is named.</exception>
    public static Template Parse(string content) =>
        TryParse(content, out var template, out var faults) ? template : throw new FormatException(faults[0].ToString());

    /// <summary>The text for one alarm. Values can neither change the format's markup nor mention anyone.</summary>
    /// <param name="format">One of <see cref="MessageFormats"/>.</param>
    public string Render(AlarmFacts alarm, TemplateContext context, string format)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            if (part.Value is null) text.Append(part.Text);
            else if (part.IsOwnLink) text.Append(part.Value(alarm, context));
            else Escaping.Append(text, part.Value(alarm, context), format);
        }
        return text.ToString();
    }

    private static string Unknown(string name)
    {
        var meant = TemplateParameters.Names.FirstOrDefault(x => x.Equals(name.Trim(), StringComparison.OrdinalIgnoreCase));
        return meant is null
            ? $"Unknown parameter '{name}' (known are {string.Join(", ", TemplateParameters.Names)} and labels.<name>)"
            : $"Unknown parameter '{name}' (did you mean '{meant}'?)";
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
