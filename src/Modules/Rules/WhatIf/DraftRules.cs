using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Channels;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Rules.Deciding;

namespace Notify.Rules.WhatIf;

/// <summary>Reads draft rules: each replaces the rule with its id, or else the one with its name, or is added.</summary>
public static class DraftRules
{
    /// <param name="documents">The rules as requests that save them would contain them; a <c>status</c> of <c>disabled</c> is applied.</param>
    /// <param name="errors">Faults, by paths below <c>rules</c>.</param>
    /// <returns>Valid only when there are no errors.</returns>
    public static IReadOnlyList<Configured<RuleSettings>> Read(
        IReadOnlyList<JsonObject> documents, RuleSnapshot configuration, ChannelCatalog channels, Errors errors)
    {
        var drafts = new List<Configured<RuleSettings>>();
        foreach (var (i, document) in documents.Index())
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"rules[{i}]");
            var (name, id) = (Text(document, "name", path, errors)?.Trim() ?? "", Text(document, "id", path, errors));
            var status = Text(document, "status", path, errors) ?? "enabled";
            if (status is not ("enabled" or "disabled")) errors.Add($"{path}.status", "Give enabled or disabled.");
            var known = id is not null ? configuration.Rules.FirstOrDefault(x => x.Id == id)
                : configuration.Rules.FirstOrDefault(x => Names.Same(x.Name, name));
            if (id is not null && known is null) errors.Add($"{path}.id", Ids.NoSuch("rule", id));
            if (name.Length == 0 && known is null) errors.Add($"{path}.name", "A name is required.");
            if (ResourceDraft.Read<RuleSettings>(document, path, (x, faults) => x.Complete(channels).Validate(faults, channels), errors)?.Complete(
                channels) is not { } settings || errors.Any) continue;
            // As they would be recorded.
            settings = settings.Keyed(known?.Settings.Complete(channels)).Named((known?.Version ?? 0) + 1);
            var faults = new Errors();
            configuration.References.Validate(settings, faults);
            foreach (var (field, messages) in faults.ToDictionary())
                foreach (var message in messages) errors.Add(JsonFault.Join(path, field), message);
            var draft = new Configured<RuleSettings>(
                known?.Id ?? string.Create(CultureInfo.InvariantCulture, $"draft-{i}"), known?.Version ?? 0, name.Length == 0
                ? known!.Name : name, status == "enabled", settings);
            if (drafts.Any(x => x.Id == draft.Id || Names.Same(x.Name, draft.Name))) errors.Add(path, $"The rule '{draft.Name}' is given twice.");
            drafts.Add(draft);
        }

        return drafts;
    }

    private static string? Text(JsonObject document, string field, string path, Errors errors)
    {
        if (document[field] is not { } node) return null;
        if (node.GetValueKind() == JsonValueKind.String) return node.GetValue<string>();
        errors.Add($"{path}.{field}", "The value must be text.");
        return null;
    }
}
