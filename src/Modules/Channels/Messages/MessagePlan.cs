using Notify.Channels.Receivers;
using Notify.Contracts.Rules;

namespace Notify.Channels.Messages;

/// <param name="ReceiverKind">One of the channel's kinds.</param>
/// <param name="Format">The format in which it is sent, which may differ from the message's for some receivers.</param>
/// <param name="LimitBytes">The maximum text of one part in UTF-8 bytes; null if the platform does not count bytes (cards).</param>
/// <param name="LimitCharacters">The maximum text of a card; null for other formats.</param>
/// <param name="Parts">In sending order; each counts towards the platform's rate limits.</param>
public sealed record MessagePlan(string ReceiverKind, string Format, int? LimitBytes, CardLimit? LimitCharacters, IReadOnlyList<MessagePart> Parts);

/// <summary>How many characters a card shows.</summary>
public sealed record CardLimit(int Title, int Text);

/// <summary>One part of a message, as its readers see it.</summary>
/// <param name="Bytes">The size of the text in UTF-8 bytes.</param>
/// <param name="Mentions">The people mentioned by this part, other than those in its text.</param>
public sealed record MessagePart(string Format, string Text, int Bytes, Mentions Mentions)
{
    /// <summary>How an SMS is billed; null for others.</summary>
    public SmsSize? Sms { get; init; }
}

/// <param name="Encoding"><c>GSM-7</c>, or <c>UCS-2</c> if the text has any other character.</param>
/// <param name="Characters">As counted in this encoding.</param>
/// <param name="Segments">The number of segments in which it is transmitted; each is billed.</param>
public sealed record SmsSize(string Encoding, int Characters, int Segments)
{
    /// <summary>What one receiver costs. Null: the settings give no price.</summary>
    public SmsPrice? Price { get; init; }
}

/// <param name="Currency">As the settings write it: <c>USD</c>.</param>
public sealed record SmsPrice(decimal Amount, string Currency);
