using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.DeadLetters;
using Notify.Audit.History;
using Notify.Kernel.Events;

namespace Notify.Audit;

/// <summary>The history as people read it.</summary>
public static class AuditModule
{
    public static IServiceCollection AddAuditModule(this IServiceCollection services) => services
        .AddSingleton<AuditLog>()
        .AddEvents(
            "audit",
            EventType.Of<DeadLetterReplayed>("audit.dead_letter_replayed.v1", "Somebody had an internal message that was put aside handled again, and why."),
            EventType.Of<DeadLetterDiscarded>("audit.dead_letter_discarded.v1", "Somebody gave an internal message that was put aside up for good, and why."));

    public static void MapAuditModule(this IEndpointRouteBuilder routes)
    {
        ReadAudit.Map(routes);
        DeadLetterEndpoints.Map(routes);
    }
}
