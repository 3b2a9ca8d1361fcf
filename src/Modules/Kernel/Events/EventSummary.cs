using Microsoft.Extensions.DependencyInjection;

namespace Notify.Kernel.Events;

/// <summary>
/// What the audit history says of an event, in one sentence for each language. <c>{name}</c> is a field of the event, or else of the event that named its
/// stream; <c>{rule.name}</c> a field within; <c>{receivers#}</c> how many. What stands in square brackets is left out when a field in it is absent or empty;
/// <c>{?prune}</c> only asks for that.
/// </summary>
public sealed record EventSummary(string EventType, string English, string Chinese)
{
    /// <summary>The five events that every kind of configuration resource has.</summary>
    /// <param name="prefix"><c>rules.rule</c>.</param>
    /// <param name="english"><c>Rule</c>.</param>
    public static EventSummary[] OfResource(string prefix, string english, string chinese) =>
    [
        new($"{prefix}_created.v1", $"{english} “{{name}}” was set up", $"新增{chinese}“{{name}}”"),
        new($"{prefix}_changed.v1", $"{english} “{{name}}” was changed", $"修改{chinese}“{{name}}”"),
        new($"{prefix}_enabled.v1", $"{english} “{{name}}” was switched on", $"启用{chinese}“{{name}}”"),
        new($"{prefix}_disabled.v1", $"{english} “{{name}}” was switched off", $"停用{chinese}“{{name}}”"),
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
