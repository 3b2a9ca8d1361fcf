using Notify.Channels.Receivers;
using Notify.Contracts.Rules;

namespace Notify.Channels.Messages;

/// <param name="ReceiverKind">One of the channel's.</param>
/// <param name="Format">What it is sent as, which may be another one for some receivers.</param>
/// <param name="LimitBytes">The longest text of one part in UTF-8 bytes; null where the platform counts no bytes (cards).</param>
/// <param name="LimitCharacters">The longest text of a card; null elsewhere.</param>
/// <param name="Parts">In the order in which they are sent; each counts towards the platform's limits.</param>
public sealed record MessagePlan(string ReceiverKind, string Format, int? LimitBytes, CardLimit? LimitCharacters, IReadOnlyList<MessagePart> Parts);

/// <summary>Characters that a card shows.</summary>
public sealed record CardLimit(int Title, int Text);

/// <summary>One message as its readers see it.</summary>
/// <param name="Bytes">Of the text, in UTF-8.</param>
/// <param name="Mentions">Whom this part calls beside those named in its text.</param>
public sealed record MessagePart(string Format, string Text, int Bytes, Mentions Mentions)
{
    /// <summary>Of an SMS: how it is billed. Null elsewhere.</summary>
    public SmsSize? Sms { get; init; }
}

/// <param name="Encoding"><c>GSM-7</c>, or <c>UCS-2</c> when the text has any other character.</param>
/// <param name="Characters">As the encoding counts them.</param>
/// <param name="Segments">In which it travels; each is billed.</param>
public sealed record SmsSize(string Encoding, int Characters, int Segments)
{
    /// <summary>What one receiver costs. Null: the settings give no price.</summary>
    public SmsPrice? Price { get; init; }
}

/// <param name="Currency">As the settings write it: <c>USD</c>.</param>
public sealed record SmsPrice(decimal Amount, string Currency);
