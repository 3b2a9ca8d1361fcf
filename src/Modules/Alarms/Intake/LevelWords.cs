using Notify.Contracts.Alarms;

namespace Notify.Alarms.Intake;

/// <summary>The words of other systems for levels.</summary>
internal static class LevelWords
{
    /// <summary>Null for an unknown word.</summary>
    public static AlarmLevel? Of(string word) => word.ToUpperInvariant() switch
    {
        "CRITICAL" or "PAGE" or "EMERGENCY" or "FATAL" or "DISASTER" => AlarmLevel.Critical,
        "ERROR" or "HIGH" or "MAJOR" => AlarmLevel.High,
        "WARNING" or "WARN" or "MEDIUM" or "MINOR" or "AVERAGE" => AlarmLevel.Medium,
        "INFO" or "INFORMATION" or "NONE" or "LOW" or "DEBUG" or "NOTICE" => AlarmLevel.Low,
        _ => null,
    };
}
