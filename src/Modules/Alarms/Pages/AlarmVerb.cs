using Notify.Contracts.Alarms;

namespace Notify.Alarms.Pages;

/// <summary>What an operator can do with alarms.</summary>
public enum AlarmVerb
{
    Acknowledge,
    Shelve,
    Unshelve,
}

internal static class AlarmVerbs
{
    /// <summary>Whether the verb can have an effect; the API makes the decision.</summary>
    public static bool Fits(AlarmVerb verb, AlarmView alarm) => verb switch
    {
        AlarmVerb.Acknowledge => alarm.State is AlarmState.ActiveUnacked or AlarmState.ClearedUnacked,
        AlarmVerb.Unshelve => alarm.Shelved,
        _ => true,
    };
}
