using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Delivery.Tests.Channels;

/// <summary>What goes wrong with the next message to a platform.</summary>
public enum PeerFault
{
    /// <summary>It is never answered, and nobody is shown anything.</summary>
    NoAnswer,

    /// <summary>Its readers see it, and the connection is lost before the answer.</summary>
    LostAnswer,

    /// <summary>Its readers see it, and the answer ends in its middle.</summary>
    CutAnswer,

    /// <summary>The platform has trouble of its own (HTTP 502), and nobody is shown anything.</summary>
    ServerError,

    /// <summary>The platform refuses the words.</summary>
    RefusedWords,
}

/// <summary>A channel with the stand-in of its platform, as <see cref="ChannelSuite{TPeer}"/> tries it. One for each kind of receiver.</summary>
public abstract class ChannelPeer : IAsyncDisposable
{
    /// <summary>Of the channel.</summary>
    public abstract string Type { get; }

    /// <summary>For the host, such as <c>Notify:Pager:Timeout=00:00:02</c>: a request that is not answered is to end soon.</summary>
    public virtual IReadOnlyList<string> Settings => [];

    /// <summary>After the stand-in runs and before a service is made.</summary>
    public virtual Task BeginAsync(NotifyHost host) => Task.CompletedTask;

    public virtual Task StartAsync() => Task.CompletedTask;

    /// <summary>What lies under the channel's type in a service that reaches <see cref="Receiver"/> and <see cref="Unreachable"/>.</summary>
    /// <param name="rightSecret">False: with a secret that the platform refuses.</param>
    public abstract JsonObject Service(bool rightSecret);

    /// <summary>Does not occur in any answer or message.</summary>
    public abstract string Secret { get; }

    /// <summary>A message with these words, as <c>POST /messages</c> takes it but for its name. May hold parameters.</summary>
    public abstract JsonObject Message(string words);

    public abstract JsonObject Receiver { get; }

    /// <summary>Known to the service and not to the platform; null: the channel has no such.</summary>
    public virtual JsonObject? Unreachable => null;

    /// <summary>Not known to the service, and so refused by it.</summary>
    public abstract JsonObject Unknown { get; }

    /// <summary>Whether what is too long for one message goes in several.</summary>
    public abstract bool Splits { get; }

    /// <summary>Whether of what is too long for one message its beginning arrives: the platform has the text around it.</summary>
    public virtual bool Shortens => false;

    /// <summary>Whether a service is tested with a message, since it sends no text alone.</summary>
    public virtual bool TestsByMessage => false;

    /// <summary>Whether many alarms at once are told in fewer messages.</summary>
    public abstract bool Merges { get; }

    /// <summary>Whether a message whose request comes twice is shown once.</summary>
    public abstract bool DropsRepeats { get; }

    /// <summary>Whether words that the platform refuses are told in other words; else the notification fails.</summary>
    public abstract bool HasOtherWords { get; }

    /// <summary>With which HTTP status the platform's own trouble is answered; null: it speaks no HTTP.</summary>
    public virtual int? ServerErrorStatus => 502;

    /// <summary>How an attempt ends whose answer was cut.</summary>
    public virtual string CutAnswerOutcome => "failed";

    /// <summary>All that readers have seen, oldest first.</summary>
    public abstract IReadOnlyList<string> Shown { get; }

    public abstract void Fail(PeerFault fault, int? count = 1);

    public abstract void Heal();

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
