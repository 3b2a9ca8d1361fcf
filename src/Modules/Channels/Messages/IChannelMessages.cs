namespace Notify.Channels.Messages;

/// <summary>The messages that a channel can carry.</summary>
public interface IChannelMessages
{
    /// <summary>At least one; the first is that of messages which name none.</summary>
    IReadOnlyList<IMessageFormat> Formats { get; }

    /// <summary>Whether a message can call people by account or mobile number (<c>mentions</c>).</summary>
    bool TakesMentions { get; }
}

public static class ChannelMessages
{
    /// <summary>Null when the channel has no such format.</summary>
    public static IMessageFormat? Find(this IChannelMessages messages, string format)
    {
        foreach (var x in messages.Formats)
            if (x.Name == format) return x;
        return null;
    }

    /// <summary>Of an older event or another type's message, the first stands in for what is not there.</summary>
    public static IMessageFormat Of(this IChannelMessages messages, string format) => messages.Find(format) ?? messages.Formats[0];
}
