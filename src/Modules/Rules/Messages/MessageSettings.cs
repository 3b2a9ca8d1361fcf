using System.Text;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Texts;
using Notify.Rules.Schedules;

namespace Notify.Rules.Messages;

/// <summary>The text template of one channel type, with parameters.</summary>
public sealed record MessageSettings
{
    /// <summary>Generous: what a channel takes is checked when the text is rendered, since only then its length is known.</summary>
    public const int MaxContentBytes = 20_000;

    /// <summary>The most people one WeCom message can call.</summary>
    public const int MaxMentions = 1000;

    /// <summary>The channel type; only services of the same type can send it.</summary>
    public string Type { get; init => field = value ?? ""; } = "wecom";

    /// <summary>One of <see cref="MessageFormats.Of"/> the type.</summary>
    public string Format { get; init => field = value ?? ""; } = MessageFormats.Text;

    public string Content { get; init => field = value ?? ""; } = "";

    public Mentions Mentions { get; init => field = value ?? Mentions.None; } = Mentions.None;

    /// <summary>The IANA zone in which times are written; null for that of the action's schedule.</summary>
    public string? TimeZone { get; init; }

    /// <summary>
    /// In which level, state and whatever else is Notify's own is written: one of <see cref="MessageWords.Languages"/>; null for the words of the
    /// API.
    /// </summary>
    public string? Language { get; init; }

    public void Validate(Errors errors)
    {
        var formats = MessageFormats.Of(Type);
        if (formats.Count == 0)
            errors.Add("type", $"'{Type}' is not a type of message; known types: {string.Join(", ", MessageFormats.Types)}.");
        else if (!formats.Contains(Format, StringComparer.Ordinal))
            errors.Add("format", $"'{Format}' is not a format of {Type} messages; use {string.Join(", ", formats)}.");

        ValidateContent(errors);
        ValidateMentions("mentions.accounts", Mentions.Accounts, MentionedNames.IsAccount, "an account: 1 to 64 characters without blanks, or a parameter such as {labels.owner}", errors);
        ValidateMentions("mentions.mobiles", Mentions.Mobiles, IsMobile, "a mobile number: 5 to 20 digits, a + in front if need be, @all, or a parameter such as {labels.mobile}", errors);
        if (TimeZone is not null && !TimeZones.IsKnown(TimeZone))
            errors.Add("timeZone", $"'{TimeZone}' is not an IANA time zone, such as Asia/Shanghai.");
        if (Language is not null && !MessageWords.Languages.Contains(Language, StringComparer.Ordinal))
            errors.Add("language", $"'{Language}' is not a language of messages; use {string.Join(" or ", MessageWords.Languages)}, or leave it out.");
    }

    private void ValidateContent(Errors errors)
    {
        if (string.IsNullOrWhiteSpace(Content))
        {
            errors.Add("content", "A message needs content.");
            return;
        }
        var bytes = Encoding.UTF8.GetByteCount(Content);
        if (bytes > MaxContentBytes)
        {
            errors.Add("content", $"The content has {bytes} bytes; at most {MaxContentBytes} are allowed.");
            return;
        }
        if (Template.TryParse(Content, Format, out _, out var faults)) return;
        foreach (var fault in faults) errors.Add("content", fault.ToString());
    }

    private static void ValidateMentions(string path, IReadOnlyList<string>? names, Func<string, bool> isValid, string expected, Errors errors)
    {
        if (names is null) return;
        if (names.Count > MaxMentions) errors.Add(path, $"At most {MaxMentions} can be mentioned.");
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] is { } template && template.Contains('{', StringComparison.Ordinal))
            {
                if (!Template.TryParse(template, MessageFormats.Text, out _, out var faults))
                    foreach (var fault in faults) errors.Add($"{path}[{i}]", fault.ToString());
                else if (!seen.Add(template)) errors.Add($"{path}[{i}]", $"'{template}' is mentioned twice.");
            }
            else if (names[i] is not { } name || !isValid(name)) errors.Add($"{path}[{i}]", $"'{names[i]}' is not {expected}.");
            else if (!seen.Add(name)) errors.Add($"{path}[{i}]", $"'{name}' is mentioned twice.");
        }
    }

    private static bool IsMobile(string number) => number == Receiver.All || MentionedNames.IsMobile(number);
}
