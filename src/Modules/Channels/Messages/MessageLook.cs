namespace Notify.Channels.Messages;

/// <summary>How people see a message of a channel; previews imitate it.</summary>
public enum MessageLook
{
    /// <summary>A bubble in a conversation.</summary>
    Chat,

    /// <summary>A mail with a subject.</summary>
    Mail,

    /// <summary>A text on a phone.</summary>
    Phone,

    /// <summary>No people: a program reads it.</summary>
    Document,
}
