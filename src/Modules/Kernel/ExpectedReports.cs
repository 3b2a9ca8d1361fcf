using System.Text.Json.Serialization;

namespace Notify.Kernel;

[JsonConverter(typeof(JsonStringEnumConverter<ReportingState>))]
public enum ReportingState
{
    /// <summary>No reports are expected.</summary>
    [JsonStringEnumMemberName("notExpected")] NotExpected,

    /// <summary>A report came in time.</summary>
    [JsonStringEnumMemberName("reporting")] Reporting,

    /// <summary>No report has come, but Notify has not been running, or expecting reports, for long enough to tell.</summary>
    [JsonStringEnumMemberName("awaited")] Awaited,

    [JsonStringEnumMemberName("silent")] Silent,
}

/// <summary>Determines whether expected reports have come.</summary>
public static class ExpectedReports
{
    /// <summary>How long it may take until a report is known on every node.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    /// <param name="everyMinutes">The longest expected interval; null: no reports are expected.</param>
    /// <param name="changed">Since when they have been expected like this.</param>
    /// <param name="reported">The last report; null: none is known.</param>
    /// <param name="listening">Since when this node has been able to learn of reports; earlier silence does not count.</param>
    public static ReportingState StateOf(
        int? everyMinutes, DateTimeOffset changed, DateTimeOffset? reported, DateTimeOffset listening, DateTimeOffset now)
    {
        if (everyMinutes is not { } minutes) return ReportingState.NotExpected;
        var patience = TimeSpan.FromMinutes(minutes) + Grace;
        if (now - reported < patience) return ReportingState.Reporting;
        return now - changed < patience || now - listening < patience ? ReportingState.Awaited : ReportingState.Silent;
    }
}
