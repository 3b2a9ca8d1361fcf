namespace Notify.Audit.Proofs.Log;

/// <summary>
/// Which texts of an event name a person: those in members with the names below, wherever they are, so that a name means the same in every event. In
/// the leaf, each has a commitment of its own, so that each can be erased alone. A text elsewhere can only be erased together with its event's body.
/// docs/personal-fields.md lists the texts of each event; a test keeps it current.
/// </summary>
public static class PersonalFields
{
    /// <summary>The version of these rules. A leaf is always computed by the rules under which it was appended: changed rules need a new number, and
    /// the old ones must stay.</summary>
    public const short CurrentFormat = 1;

    /// <param name="name">The member's name; for an element of a list, the list's.</param>
    /// <param name="parent">The name under which the object with the member stands; for an element of a list, the list's.</param>
    public static bool Contains(ReadOnlySpan<byte> name, ReadOnlySpan<byte> parent) => name.Length switch
    {
        2 => name.SequenceEqual("by"u8),
        4 => name.SequenceEqual("name"u8) ? parent.SequenceEqual("accounts"u8) : name.SequenceEqual("note"u8) || name.SequenceEqual("text"u8),
        5 => name.SequenceEqual("email"u8) || name.SequenceEqual("phone"u8),
        6 => name.SequenceEqual("mobile"u8) || name.SequenceEqual("reason"u8) || name.SequenceEqual("emails"u8) || name.SequenceEqual("phones"u8),
        7 => name.SequenceEqual("account"u8) || name.SequenceEqual("mobiles"u8) || name.SequenceEqual("ackUser"u8) || name.SequenceEqual("address"u8),
        8 => name.SequenceEqual("accounts"u8) || name.SequenceEqual("requests"u8) || name.SequenceEqual("userName"u8),
        9 => name.SequenceEqual("source-ip"u8) || name.SequenceEqual("addresses"u8),
        10 => name.SequenceEqual("actor-name"u8),
        11 => name.SequenceEqual("displayName"u8),
        15 => name.SequenceEqual("platformMessage"u8),
        _ => false,
    };
}
