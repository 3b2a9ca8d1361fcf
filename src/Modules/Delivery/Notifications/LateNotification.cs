using Notify.Channels;
using Notify.Channels.Messages;
using Notify.Channels.People;
using Notify.Channels.Receivers;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Texts;

namespace Notify.Delivery.Notifications;

/// <summary>A notification of a change of which a later one was already sent: whoever received the later one does not receive it, all others do, with
/// a mark (docs/decisions/0013). If some did, the others become a notification of their own.</summary>
internal static class LateNotification
{
    /// <summary>The id of the notification for the others, which is found by it when one asks about the first.</summary>
    public static string IdOfOthers(string id) => Ids.Derived("notification", $"others of {id}");

    /// <param name="told">The keys of those who received the later one.</param>
    public static bool IsTold(Receiver receiver, IReadOnlySet<string> told) =>
        told.Contains(ReceiverKey.Of(receiver))
        || receiver.People is { Count: > 0 } people && people.All(x => told.Contains(ReceiverKey.Of(PeopleKinds.ReceiverOf(x.Id))));

    public static RenderedMessage Marked(RenderedMessage content, string channelType, ChannelCatalog channels) =>
        OwnWords.InFront(content, MessageWords.Of(content.Language).Late, channels.Find(channelType)?.Messages.Find(content.Format));
}
