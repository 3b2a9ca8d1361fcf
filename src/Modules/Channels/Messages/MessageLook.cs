namespace Notify.Channels.Messages;

/// <summary>How a channel's messages look to people; previews imitate it.</summary>
public enum MessageLook
{
    /// <summary>A bubble in a conversation.</summary>
    Chat,

    /// <summary>A mail with a subject.</summary>
    Mail,

    /// <summary>A text on a phone.</summary>
    Phone,

    /// <summary>Not read by people but by a program.</summary>
    Document,
}
