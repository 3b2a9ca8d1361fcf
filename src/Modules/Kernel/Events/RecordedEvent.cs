using JasperFx.Events;

namespace Notify.Kernel.Events;

public static class RecordedEvent
{
    /// <summary>The event's actor, by the name at that time.</summary>
    public static Actor Actor(this IEvent e) =>
        new(e.UserName ?? Kernel.Actor.System.Id,
            e.Header(AuditContext.ActorNameHeader) ?? Kernel.Actor.System.Name,
            e.Header(AuditContext.ActorKindHeader) ?? Kernel.Actor.SystemKind);

    public static string? Header(this IEvent e, string key) =>
        e.Headers is not null && e.Headers.TryGetValue(key, out var value) ? value?.ToString() : null;
}
