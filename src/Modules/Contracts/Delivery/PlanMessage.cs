using Notify.Contracts.Rules;
using Wolverine.Attributes;

namespace Notify.Contracts.Delivery;

/// <summary>Asks the Delivery module how this text would be sent on channels of this type. Nothing is sent.</summary>
[MessageIdentity("notify.delivery.plan-message.v1")]
public sealed record PlanMessage(string ChannelType, RenderedMessage Message) : BusMessage;

/// <summary>One plan for each kind of receiver that the channel type has.</summary>
[MessageIdentity("notify.delivery.message-planned.v1")]
public sealed record MessagePlanned(IReadOnlyList<MessagePlan> Plans) : BusMessage;

/// <param name="ReceiverKind"><c>bot</c> or <c>account</c>.</param>
/// <param name="Format">The format it is sent in; an app, for example, does not support <c>markdown_v2</c>.</param>
/// <param name="LimitBytes">The maximum length of one part in UTF-8 bytes; null where the platform does not count bytes (cards).</param>
/// <param name="LimitCharacters">The maximum length of a card's text in characters; null otherwise.</param>
/// <param name="Parts">In sending order; each counts towards the platform's limits.</param>
public sealed record MessagePlan(
    string ReceiverKind, string Format, int? LimitBytes, CardLimit? LimitCharacters, IReadOnlyList<MessagePart> Parts);

/// <summary>Characters that a card shows.</summary>
public sealed record CardLimit(int Title, int Text);

/// <summary>One message as its readers see it.</summary>
/// <param name="Bytes">Of the text, in UTF-8.</param>
/// <param name="Mentions">Who is mentioned by this part, in addition to mentions in its text.</param>
public sealed record MessagePart(string Format, string Text, int Bytes, Mentions Mentions);
