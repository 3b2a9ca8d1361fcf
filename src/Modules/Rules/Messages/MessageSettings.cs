using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Notify.Channels;
using Notify.Channels.Messages;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Texts;
using Notify.Rules.Schedules;

namespace Notify.Rules.Messages;

/// <summary>The text template of one channel type, with parameters.</summary>
public sealed record MessageSettings
{
    /// <summary>A generous limit in UTF-8 bytes; the channel's limit is applied to the rendered text, whose length is known only then.</summary>
    public const int MaxContentBytes = 20_000;

    /// <summary>How many accounts, and how many mobile numbers, one message can mention.</summary>
    public const int MaxMentions = 1000;

    private readonly string? type;
    private readonly string? format;

    /// <summary>The channel; only services of the same type can send it.</summary>
    public string Type { get => type ?? ""; init => type = value; }

    /// <summary>One of the channel's formats.</summary>
    public string Format { get => format ?? ""; init => format = value; }

    public string Content { get; init => field = value ?? ""; } = "";

    public Mentions Mentions { get; init => field = value ?? Mentions.None; } = Mentions.None;

    /// <summary>The IANA time zone of the times in the text; null: that of the action's schedule.</summary>
    public string? TimeZone { get; init; }

    /// <summary>The language of level, state and other words of Notify: one of <see cref="MessageWords.Languages"/>; null: the words of the
    /// API.</summary>
    public string? Language { get; init; }

    /// <summary>The channel-specific fields (<see cref="IChannelMessages.Fields"/>).</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Fields { get; init; }

    /// <summary>Fills in the default type and format.</summary>
    public MessageSettings Complete(ChannelCatalog channels)
    {
        var ofType = type ?? channels.Default.Type;
        var given = Fields?.Where(x => x.Value.ValueKind != JsonValueKind.Null).ToDictionary(StringComparer.Ordinal);
        return this with
        {
            Type = ofType,
            Format = format ?? (channels.Find(ofType) ?? channels.Default).Messages.Formats[0].Name,
            Fields = given is { Count: > 0 } ? given : null,
        };
    }

    /// <summary>The channel-specific fields as they were entered.</summary>
    internal JsonObject FieldsOf() =>
        new((Fields ?? []).Select(x => KeyValuePair.Create(x.Key, JsonSerializer.SerializeToNode(x.Value, NotifyJson.Options))));

    /// <summary>Validates settings that <see cref="Complete"/> has completed.</summary>
    public void Validate(Errors errors, ChannelCatalog channels)
    {
        var messages = channels.Find(Type)?.Messages;
        var known = messages?.Find(Format);
        if (messages is null)
            errors.Add("type", $"'{Type}' is not a type of message; known types: {string.Join(", ", channels.Types)}.");
        else if (known is null)
            errors.Add("format", $"'{Format}' is not a format of {Type} messages; use {string.Join(", ", messages.Formats.Select(x => x.Name))}.");
        if (messages is { TakesMentions: false } && Mentions.Accounts.Count + Mentions.Mobiles.Count > 0)
            errors.Add("mentions", $"Messages of type {Type} cannot mention anybody.");

        var format = known ?? (messages ?? channels.Default.Messages).Formats[0];
        if (messages is { TakesContent: false })
        {
            if (Content.Length > 0) errors.Add("content", $"Messages of type {Type} have no content; their text is in their other fields.");
        }
        else ValidateContent(format, errors);
        MessageFields.Validate(messages?.Fields ?? [], FieldsOf(), errors);
        ValidateMentions(format, "mentions.accounts", Mentions.Accounts, MentionedNames.IsAccount,
            "an account: 1 to 64 characters without blanks, or a parameter such as {labels.owner}", errors);
        ValidateMentions(format, "mentions.mobiles", Mentions.Mobiles, IsMobile,
            "a mobile number: 5 to 20 digits, optionally after a +, @all, or a parameter such as {labels.mobile}", errors);
        if (TimeZone is not null && !TimeZones.IsKnown(TimeZone))
            errors.Add("timeZone", $"'{TimeZone}' is not an IANA time zone, such as Asia/Shanghai.");
        if (Language is not null && !MessageWords.Languages.Contains(Language, StringComparer.Ordinal))
            errors.Add("language",
                $"'{Language}' is not a language of messages; use {string.Join(" or ", MessageWords.Languages)}, or leave it out.");
    }

    private void ValidateContent(IMessageFormat format, Errors errors)
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
        if (Template.TryParse(Content, format, out _, out var faults)) return;
        foreach (var fault in faults) errors.Add("content", fault.ToString());
    }

    private static void ValidateMentions(
        IMessageFormat format, string path, IReadOnlyList<string>? names, Func<string, bool> isValid, string expected, Errors errors)
    {
        if (names is null) return;
        if (names.Count > MaxMentions) errors.Add(path, $"At most {MaxMentions} can be mentioned.");
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] is { } template && template.Contains('{', StringComparison.Ordinal))
            {
                if (!Template.TryParse(template, format, out _, out var faults))
                    foreach (var fault in faults) errors.Add($"{path}[{i}]", fault.ToString());
                else if (!seen.Add(template)) errors.Add($"{path}[{i}]", $"'{template}' is mentioned twice.");
            }
            else if (names[i] is not { } name || !isValid(name)) errors.Add($"{path}[{i}]", $"'{names[i]}' is not {expected}.");
            else if (!seen.Add(name)) errors.Add($"{path}[{i}]", $"'{name}' is mentioned twice.");
        }
    }

    private static bool IsMobile(string number) => number == Receiver.All || MentionedNames.IsMobile(number);
}
