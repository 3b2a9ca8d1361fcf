using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;

namespace Notify.Channels.Sending;

/// <summary>What a channel is told of a notification: its alarm, its receivers and its words.</summary>
public interface INotice
{
    string AlarmId { get; }
    string AlarmName { get; }

    /// <summary>Empty when it has none.</summary>
    string AlarmPath { get; }
    AlarmLevel Level { get; }
    AlarmState State { get; }
    DateTimeOffset EventTime { get; }

    /// <summary>When the alarm's occurrence began: the same when it is raised and when it has cleared. Null when that is unknown, or it tells of
    /// several alarms.</summary>
    DateTimeOffset? StartTime { get; }

    /// <summary>What was measured; null when nothing was.</summary>
    string? AlarmValue { get; }

    /// <summary>The replay that sends it again; null when it is live.</summary>
    string? ReplayId { get; }

    /// <summary>The escalation, reminder or other way that it is; null: it tells of a change of the alarm.</summary>
    NotificationStep? Step { get; }

    /// <summary>At least one; they get one message.</summary>
    IReadOnlyList<Receiver> Receivers { get; }
    RenderedMessage Content { get; }
}

/// <summary>A notification that waits to be sent.</summary>
public interface IUnsent
{
    INotice Notice { get; }

    /// <summary>How it goes out, after the platform has refused it otherwise.</summary>
    MessageForm Form { get; }
}
