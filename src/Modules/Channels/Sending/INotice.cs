using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;

namespace Notify.Channels.Sending;

/// <summary>What a channel needs to know about a notification: its alarm, its receivers and its text.</summary>
public interface INotice
{
    string AlarmId { get; }
    string AlarmName { get; }

    /// <summary>Empty if there is none.</summary>
    string AlarmPath { get; }
    AlarmLevel Level { get; }
    AlarmState State { get; }
    DateTimeOffset EventTime { get; }

    /// <summary>When the alarm's occurrence began: the same when it is raised and when it is cleared. Null if unknown, or if the notification is
    /// about several alarms.</summary>
    DateTimeOffset? StartTime { get; }

    /// <summary>The measured value; null if there is none.</summary>
    string? AlarmValue { get; }

    /// <summary>The replay that resends it; null if it is live.</summary>
    string? ReplayId { get; }

    /// <summary>The escalation, reminder or fallback that sends it; null: it is about a change of the alarm.</summary>
    NotificationStep? Step { get; }

    /// <summary>At least one; they get one message.</summary>
    IReadOnlyList<Receiver> Receivers { get; }
    RenderedMessage Content { get; }
}

/// <summary>A notification that waits to be sent.</summary>
public interface IUnsent
{
    INotice Notice { get; }

    /// <summary>The form in which it is sent, after the platform has refused another.</summary>
    MessageForm Form { get; }
}
