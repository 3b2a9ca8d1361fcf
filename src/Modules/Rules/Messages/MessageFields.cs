using System.Text.Json.Nodes;
using Notify.Channels.Fields;
using Notify.Channels.Messages;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Rules.Messages;

/// <summary>The channel-specific fields of a message, parsed once: each text, and each entry of a map, by its name. Immutable.</summary>
internal sealed class MessageFields
{
    private static readonly string[] common = ["type", "format", "content", "mentions", "timeZone", "language"];
    private readonly List<(string Name, string Text, Template? Template)> texts = [];

    /// <param name="entered">They are valid. Fields that the channel no longer has, as in an older event, are ignored.</param>
    public MessageFields(IReadOnlyList<MessageField> fields, JsonObject entered)
    {
        var read = new FieldReader(new Errors()).Read([.. fields.Select(x => x.Field)], entered, null, "");
        foreach (var field in fields)
            foreach (var (name, text) in TextsOf(field.Field, read)) texts.Add(
                (name, text, field.Template is { } format && Template.TryParse(text, format, out var template, out _) ? template : null));
    }

    public static void Validate(IReadOnlyList<MessageField> fields, JsonObject entered, Errors errors)
    {
        foreach (var name in entered.Select(x => x.Key).Where(x => fields.All(f => f.Field.Name != x)).ToList())
        {
            errors.Add(name, errors.IsFull ? "" : Misspelling.Of("field", name, ["name", "description", .. common, .. fields.Select(x => x.Field.Name)]));
            entered.Remove(name);
        }

        var read = new FieldReader(errors).Read([.. fields.Select(x => x.Field)], entered, null, "");
        foreach (var (field, format) in fields)
        {
            if (format is null) continue;
            foreach (var (name, text) in TextsOf(field, read))
                if (!Template.TryParse(text, format, out _, out var faults))
                    foreach (var fault in faults) errors.Add(name, fault.ToString());
        }
    }

    /// <summary>Null when the message has no such fields.</summary>
    public IReadOnlyDictionary<string, string>? Render(AlarmFacts alarm, TemplateContext context) => texts.Count == 0 ? null
        : texts.ToDictionary(x => x.Name, x => x.Template?.Render(alarm, context) ?? x.Text, StringComparer.Ordinal);

    private static IEnumerable<(string Name, string Text)> TextsOf(Field field, JsonObject read) => read[field.Name] switch
    {
        null => [],
        JsonObject map => map.Select(x => ($"{field.Name}.{x.Key}", x.Value?.GetValue<string>() ?? "")),
        JsonArray list => list.Select((x, i) => ($"{field.Name}[{i}]", x!.ToString())),
        var value => [(field.Name, value.ToString())],
    };
}
