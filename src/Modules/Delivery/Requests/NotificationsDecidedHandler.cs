using Marten;
using Notify.Contracts.Rules;

namespace Notify.Delivery.Requests;

/// <summary>Puts the notifications of one batch of decisions on record, in one transaction, and hands them to their lanes.</summary>
public static class NotificationsDecidedHandler
{
    public static Task Handle(NotificationsDecided batch, IDocumentSession session, NotificationRequests requests, CancellationToken cancellation) =>
        requests.PutAsync(batch.Notifications, session, cancellation);
}
