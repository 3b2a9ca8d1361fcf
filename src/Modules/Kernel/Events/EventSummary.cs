using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel.Texts;

namespace Notify.Kernel.Events;

/// <summary>
/// A sentence about an event in the audit history, as a template in both languages. <c>{name}</c> is a field of the event, or else of the event that
/// named its stream; <c>{rule.name}</c> a nested field; <c>{receivers#}</c> the number of items; <c>{total|row|rows}</c> a number with the
/// singular or plural of its noun; <c>{~why}</c> a text from Notify, shown in Chinese if it has a Chinese line
/// (<see cref="Http.ProblemTexts"/>), or from a platform, shown unchanged. A part in square brackets is omitted if a field in it is absent, empty or
/// zero; <c>{?prune}</c> tests a field without showing it.
/// </summary>
public sealed record EventSummary(string EventType, BilingualText Text)
{
    public EventSummary(string eventType, string english, string chinese) : this(eventType, new BilingualText(english, chinese))
    {
    }

    /// <summary>The words before who did it, which are not part of the template.</summary>
    public BilingualText By { get; init; } = new("by", "操作人");

    /// <summary>The five events of every kind of configuration resource.</summary>
    /// <param name="prefix"><c>rules.rule</c>.</param>
    /// <param name="english"><c>Rule</c>.</param>
    public static EventSummary[] OfResource(string prefix, string english, string chinese) =>
    [
        new($"{prefix}_created.v1", $"{english} “{{name}}” was created", $"新增{chinese}“{{name}}”"),
        new($"{prefix}_changed.v1", $"{english} “{{name}}” was changed", $"修改{chinese}“{{name}}”"),
        new($"{prefix}_enabled.v1", $"{english} “{{name}}” was enabled", $"启用{chinese}“{{name}}”"),
        new($"{prefix}_disabled.v1", $"{english} “{{name}}” was disabled", $"停用{chinese}“{{name}}”"),
        new($"{prefix}_deleted.v1", $"{english} “{{name}}” was deleted", $"删除{chinese}“{{name}}”"),
    ];
}

public static class EventSummaryRegistration
{
    public static IServiceCollection AddEventSummaries(this IServiceCollection services, IEnumerable<EventSummary> summaries)
    {
        foreach (var summary in summaries) services.AddSingleton(summary);
        return services;
    }
}
