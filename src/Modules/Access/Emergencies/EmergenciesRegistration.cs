using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel.Events;
using Notify.Kernel.Http;

namespace Notify.Access.Emergencies;

/// <summary>Emergencies: two people permit themselves to change the configuration without approval for a limited time; a third reviews it.</summary>
internal static class EmergenciesRegistration
{
    public static IServiceCollection AddEmergencies(this IServiceCollection services) =>
        services
            .AddSingleton<EmergencySettings>()
            .AddSingleton<EmergenciesOnRecord>()
            .AddSingleton<ReadEmergencies>()
            .AddScoped<DecideEmergency>()
            .AddSingleton<EmergencyWatch>()
            .AddHostedService(x => x.GetRequiredService<EmergencyWatch>())
            .AddHistoryCheck<OwnSignatureCheck>()
            .AddProblemTexts(EmergenciesProblemTexts.Lines)
            .AddEventSummaries(
            [
                new("access.emergency_requested.v1", "An emergency of {minutes} minutes for {kinds} was asked for: {reason}",
                    "申请 {minutes} 分钟的应急变更（{kinds}）：{reason}"),
                new("access.emergency_opened.v1", "An emergency was confirmed: changes are made without approval until {until}",
                    "确认应急变更：{until} 之前的更改无需审批"),
                new("access.emergency_used.v1", "Made in an emergency without approval: {verb} {kind} “{name}”", "应急变更中未经审批执行：{verb} {kind}“{name}”"),
                new("access.emergency_ended.v1", "An emergency is over: {why}", "应急变更结束：{why}"),
                new("access.emergency_reviewed.v1", "An emergency was reviewed: {findings}", "审阅应急变更：{findings}"),
            ])
            .AddEvents(
                "access",
                EventType.Of<EmergencyRequested>(
                    "access.emergency_requested.v1", "Somebody signed that changes cannot wait for approvals; it permits nothing before a second person confirms it.") with
                { Approval = ApprovalPart.SignedByKeyFile },
                EventType.Of<EmergencyOpened>(
                    "access.emergency_opened.v1", "A second person signed that changes of the two are made without approval until an instant.") with
                { Approval = ApprovalPart.SignedByKeyFile },
                EventType.Of<EmergencyUsed>(
                    "access.emergency_used.v1", "A change that needs approval was made in an emergency without one, in the same transaction."),
                EventType.Of<EmergencyEnded>("access.emergency_ended.v1", "An emergency has ended: by somebody, by its time, or before it was confirmed."),
                EventType.Of<EmergencyReviewed>(
                    "access.emergency_reviewed.v1", "A third person signed that they have read every change made in an emergency.") with
                { ChangesNothing = true, Approval = ApprovalPart.SignedByKeyFile });

    public static void MapEmergencies(this IEndpointRouteBuilder routes)
    {
        // An invalid setting is reported at startup.
        routes.ServiceProvider.GetRequiredService<EmergencySettings>();
        var emergencies = routes.MapGroup("/api/v1/emergency").WithTags("approvals");
        DecideEmergency.Map(emergencies);
        ReadEmergencies.Map(emergencies);
    }
}
