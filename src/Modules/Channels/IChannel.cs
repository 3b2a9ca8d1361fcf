using System.Text.Json.Nodes;
using Notify.Channels.AccountImport;
using Notify.Channels.Connections;
using Notify.Channels.Messages;
using Notify.Channels.People;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;
using Notify.Channels.Texts;
using Notify.Kernel.Texts;

namespace Notify.Channels;

/// <summary>
/// A channel: one way to notify people. It has no stream, table or endpoint; the modules call it. Its members are grouped by who uses them. Nothing
/// outside its folder knows its name (docs/channels.md).
/// </summary>
public interface IChannel
{
    /// <summary>The <c>type</c> of its services, messages and actions, the first segment of its lanes, and the property that contains its services'
    /// settings.</summary>
    string Type { get; }

    /// <summary>The name that people read.</summary>
    BilingualText Name { get; }

    /// <summary>Whom it reaches, in a few words beside its name.</summary>
    BilingualText Reaches { get; }

    IChannelSettings Settings { get; }

    /// <summary>The kinds of receivers of its services, in the order in which they are listed. At least one.</summary>
    IReadOnlyList<ReceiverKind> Receivers { get; }

    IChannelMessages Messages { get; }

    IChannelDelivery Delivery { get; }

    IChannelTexts Texts { get; }

    /// <summary>Reads the stored settings of one service.</summary>
    /// <param name="settings">As returned by <see cref="IChannelSettings.Read"/>.</param>
    IRoutes Routes(JsonObject settings);

    /// <summary>Null if its services have no accounts that could be imported.</summary>
    IAccountImport? AccountImport => null;

    /// <summary>Which field of a person's record it uses; null: it cannot reach people by their records.</summary>
    PersonAddress? Person => null;

    /// <summary>Null if the platform sends no delivery reports.</summary>
    IDeliveryReports? Reports => null;

    /// <summary>Null if the platform has no call that notifies nobody.</summary>
    IConnectionTest? ConnectionTest => null;
}
