using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel.Events;

namespace Notify.Audit.HistoryReviews;

/// <summary>Reviews of the history by independent people, and which periods are not reviewed.</summary>
public static class HistoryReviewsRegistration
{
    public static IServiceCollection AddHistoryReviews(this IServiceCollection services) =>
        services
            .AddSingleton<HistoryReviewSettings>()
            .AddSingleton<HistoryReviewsOnRecord>()
            .AddSingleton<PeriodReader>()
            .AddSingleton<HistoryReviewWatch>()
            .AddHostedService(x => x.GetRequiredService<HistoryReviewWatch>())
            .AddScoped<ReadHistoryReviews>()
            .AddScoped<PostHistoryReview>()
            .AddEventSummaries(
            [
                new("audit.history_reviewed.v1", "The history from {from} until {to} was reviewed, {entries|entry|entries}: {findings}",
                    "审阅 {from} 至 {to} 的历史，共 {entries} 条：{findings}"),
            ])
            .AddEvents(
                "audit",
                EventType.Of<HistoryReviewed>(
                    "audit.history_reviewed.v1", "Somebody who did nothing in a period of the history signed that they have read it, and what they found.") with
                { ChangesNothing = true, Approval = ApprovalPart.SignedByKeyFile });

    public static void MapHistoryReviews(this IEndpointRouteBuilder routes)
    {
        // An invalid setting is reported at startup.
        routes.ServiceProvider.GetRequiredService<HistoryReviewSettings>();
        var reviews = routes.MapGroup("/api/v1/history-reviews").WithTags("audit");
        PostHistoryReview.Map(reviews);
        ReadHistoryReviews.Map(reviews);
    }
}
