using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;
using Notify.Delivery.Bulk;
using Notify.Delivery.Changes;
using Notify.Delivery.Digests;
using Notify.Delivery.Flights;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Delivery.OtherWays;
using Notify.Delivery.Outcomes;
using Notify.Delivery.Reading;
using Notify.Delivery.Reports;
using Notify.Delivery.Requests;
using Notify.Delivery.TestSends;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Kernel.Reviewing;
using Notify.Kernel.Secrets;
using Wolverine;

namespace Notify.Delivery;

/// <summary>Sends notifications to people through the platforms, within their limits, and records the outcome of each.</summary>
public static class DeliveryModule
{
    public static IServiceCollection AddDeliveryModule(this IServiceCollection services)
    {
        services.AddProblemTexts(DeliveryProblemTexts.Lines);
        services.AddEventSummaries(EventSummaries.All);
        services.AddReview(ReviewedNotifications.All);
        services.AddStoreFigures(DeliveryFigures.OfLanes);
        services.AddStoreFigures(DeliveryFigures.OfFailures);
        services.AddEvents(
            "delivery",
            EventType.Of<NotificationRequested>(
            "delivery.notification_requested.v1", "A notification was requested, with everything needed to send it."),
            EventType.Of<NotificationSuppressed>("delivery.notification_suppressed.v1", "A notification is not sent, and why."),
            EventType.Of<AttemptStarted>("delivery.attempt_started.v1",
            "An attempt to send a notification began; stored before the request is sent.") with
            { IsFoundWithoutTexts = true },
            EventType.Of<AttemptSucceeded>("delivery.attempt_succeeded.v1",
            "The platform accepted a notification, for all or some of its receivers.") with
            {
                Ends = typeof(AttemptStarted),
                IsFoundWithoutTexts = true
            },
            EventType.Of<AttemptAccepted>("delivery.attempt_accepted.v1",
            "The platform accepted a notification, and is asked later whether it arrived.") with
            { Ends = typeof(AttemptStarted) },
            EventType.Of<AttemptFailed>("delivery.attempt_failed.v1",
            "The platform did not accept a notification; why, and whether it is retried.") with
            { Ends = typeof(AttemptStarted) },
            EventType.Of<NotificationFailed>(
            "delivery.notification_failed.v1", "Notify itself failed to make a notification; at which stage and why. Others are not affected."),
            EventType.Of<NotificationDismissed>(
            "delivery.notification_dismissed.v1", "Somebody dismissed a failed notification from the list, and why."),
            EventType.Of<NotificationDigested>(
            "delivery.notification_digested.v1", "A notification held back by a schedule was included in a digest."),
            EventType.Of<NotificationCancelled>("delivery.notification_cancelled.v1", "Somebody cancelled a waiting notification, and why."),
            EventType.Of<BulkRequested>("delivery.bulk_requested.v1", "Somebody requested to resend, dismiss or cancel many notifications at once."),
            EventType.Of<BulkChosen>(
            "delivery.bulk_chosen.v1", "The notifications that a bulk operation is about, in order; up to 1,000 in each event."),
            EventType.Of<BulkAdvanced>("delivery.bulk_advanced.v1", "A bulk operation changed some of its notifications; the outcome of each."),
            EventType.Of<BulkCompleted>("delivery.bulk_completed.v1", "A bulk operation was completed, with its outcomes."),
            EventType.Of<NotificationResent>("delivery.notification_resent.v1", "A failed notification was resent as a new one."),
            EventType.Of<AttemptOutcomeUnknown>("delivery.attempt_outcome_unknown.v1",
            "The outcome of an attempt is unknown: the answer was lost.") with
            { Ends = typeof(AttemptStarted) },
            EventType.Of<LaneBlocked>(
            LaneBlocked.EventName, "Nothing can be delivered on a lane because of a setting; waiting notifications are held."),
            EventType.Of<LaneBlockChanged>(
            LaneBlockChanged.EventName, "A blocked lane was tried again and refused for another reason than before."),
            EventType.Of<LaneMended>(LaneMended.EventName, "A lane is no longer blocked; held notifications are sent."),
            EventType.Of<TestRequested>("delivery.test_requested.v1", "Somebody requested a test send; stored before the first request is sent."),
            EventType.Of<TestSent>("delivery.test_sent.v1", "A test was sent, with the platform's answer for each receiver."));
        services.ConfigureMarten(options =>
        {
            options.Storage.ExtendedSchemaObjects.AddRange(NotificationTable.SchemaObjects());
            options.Storage.ExtendedSchemaObjects.Add(LaneTable.Table());
            options.Storage.ExtendedSchemaObjects.Add(CountedSends.Table());
            options.Storage.ExtendedSchemaObjects.Add(SharedTokens.Table());
            options.Storage.ExtendedSchemaObjects.AddRange(BulkTable.Tables());
            options.Storage.ExtendedSchemaObjects.Add(LaneNodes.Table());
        });
        services.AddOwnedTables([NotificationTable.Owned, NotificationSpans.Owned, LaneTable.Owned, CountedSends.Owned, .. BulkTable.Owned]);
        services.AddExpiringStreams("notification", "notification", "bulk");
        services.AddExpiringStreams("test", "test");
        services.AddOpenStreams("notification", events =>
            events.Aggregate((Notification?)null, (n, e) => Notification.Apply(n, e.StreamId, e.Data, e.At, e.CorrelationId))?.IsOpen == true);
        services.AddOpenStreams("bulk", events => !events.Any(x => x.Data is BulkCompleted));
        services.AddSingleton<ISharedTokens, SharedTokens>();
        services.AddSealedColumns(SharedTokens.Sealed);
        services.AddSingleton<TestSender>();
        services.AddSingleton<CurrentServices>();
        // The outcome writer stops after the lanes, so that the outcomes of sent messages are recorded.
        services.AddSingleton<OutcomeWriter>();
        services.AddHostedService(x => x.GetRequiredService<OutcomeWriter>());
        services.AddSingleton<HeldLanes>();
        services.AddSingleton<WaitingWork>();
        services.AddSingleton<LaneIncidents>();
        services.AddSingleton<LaneMoves>();
        services.AddSingleton<LaneWaking>();
        services.AddSingleton<LaneClaims>();
        services.AddSingleton<AbandonedAttempts>();
        services.AddSingleton<FlightPlanner>();
        services.AddSingleton<FlightRecorder>();
        services.AddSingleton<FlightRunner>();
        services.AddSingleton<FlightStarts>();
        services.AddSingleton<DirectFlights>();
        services.AddSingleton<LaneDispatcher>();
        services.AddHostedService<LaneTakeover>();
        services.AddHostedService<LaneServer>();
        services.AddSingleton<NotificationSpans>();
        services.AddHostedService(x => x.GetRequiredService<NotificationSpans>());
        services.AddReadModel<NotificationRows>();
        services.AddSingleton<IReadModel>(x => x.GetRequiredService<NotificationSpans>());
        services.AddReadModel<LaneRows>();
        services.AddReadModel<BulkRows>();
        services.AddSingleton<NotificationRequests>();
        services.AddSingleton<NotificationChange>();
        services.AddHostedService<DigestWorker>();
        services.AddHostedService<OtherWayWorker>();
        services.AddSingleton<BulkWorker>();
        services.AddHostedService(x => x.GetRequiredService<BulkWorker>());
        services.AddHostedService<LaneSignals>();
        services.AddScoped<ReadNotifications>().AddScoped<FailedNotifications>().AddScoped<BulkOperations>();
        services.AddSingleton<ChangeNotifications>().AddSingleton<ReadLanes>().AddSingleton<ReceiveReports>();
        services.AddSingleton<SummarizeNotifications>();
        services.AddSingleton<IWolverineExtension, Messaging>();
        return services;
    }

    public static void MapDeliveryModule(this IEndpointRouteBuilder routes)
    {
        var notifications = routes.MapGroup("/api/v1/notifications").WithTags("notifications");
        ReadNotifications.Map(notifications);
        FailedNotifications.Map(notifications);
        SummarizeNotifications.Map(notifications);
        ChangeNotifications.Map(notifications);
        BulkOperations.Map(notifications);
        ReadLanes.Map(routes);
        ReceiveReports.Map(routes);
    }

    private sealed class Messaging : IWolverineExtension
    {
        /// <summary>Batches are handled one after another, so that an alarm's notifications are requested in the order in which they were
        /// decided.</summary>
        public void Configure(WolverineOptions options) => options.LocalQueueFor<NotificationsDecided>().Sequential();
    }
}
