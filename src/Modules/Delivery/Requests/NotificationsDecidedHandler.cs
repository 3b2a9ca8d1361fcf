using Marten;
using Notify.Contracts.Rules;

namespace Notify.Delivery.Requests;

/// <summary>Records the notifications of one batch of decisions in one transaction, and passes them to their lanes.</summary>
public static class NotificationsDecidedHandler
{
    public static Task Handle(NotificationsDecided batch, IDocumentSession session, NotificationRequests requests, CancellationToken cancellation) =>
        requests.PutAsync(batch.Notifications, session, cancellation);
}
