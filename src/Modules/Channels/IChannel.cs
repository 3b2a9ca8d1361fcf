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
/// A channel: one kind of way by which notifications reach people. It has no stream, table or endpoint; the modules ask it. What it can do is divided
/// by who asks. Nothing outside its folder knows its name (docs/channels.md).
/// </summary>
public interface IChannel
{
    /// <summary>The <c>type</c> of its services, messages and actions, the first segment of its lanes, and the property under which its services'
    /// settings lie.</summary>
    string Type { get; }

    /// <summary>As people call it.</summary>
    BilingualText Name { get; }

    IChannelSettings Settings { get; }

    /// <summary>The kinds of receivers that its services have, in the order in which they are listed. At least one.</summary>
    IReadOnlyList<ReceiverKind> Receivers { get; }

    IChannelMessages Messages { get; }

    IChannelDelivery Delivery { get; }

    IChannelTexts Texts { get; }

    /// <summary>Reads the stored settings of one service.</summary>
    /// <param name="settings">As <see cref="IChannelSettings.Read"/> returned them once.</param>
    IRoutes Routes(JsonObject settings);

    /// <summary>Null when its services have no accounts that could be imported.</summary>
    IAccountImport? AccountImport => null;

    /// <summary>By what of their record people are reached; null: by nothing.</summary>
    PersonAddress? Person => null;

    /// <summary>Null when the platform reports nothing by itself.</summary>
    IDeliveryReports? Reports => null;

    /// <summary>Null when the platform cannot be asked without telling anybody.</summary>
    IConnectionTest? ConnectionTest => null;
}
