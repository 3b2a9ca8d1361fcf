using System.Text.Json.Serialization;

namespace Notify.Kernel;

[JsonConverter(typeof(JsonStringEnumConverter<ReportingState>))]
public enum ReportingState
{
    /// <summary>Nobody need report.</summary>
    [JsonStringEnumMemberName("notExpected")] NotExpected,

    /// <summary>Somebody has, in time.</summary>
    [JsonStringEnumMemberName("reporting")] Reporting,

    /// <summary>Nobody has, but Notify, or what it was told to expect, has not been there for long enough to blame anybody.</summary>
    [JsonStringEnumMemberName("awaited")] Awaited,

    [JsonStringEnumMemberName("silent")] Silent,
}

/// <summary>Whether those report who are expected to.</summary>
public static class ExpectedReports
{
    /// <summary>So long a report may take to be known on every node.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    /// <param name="everyMinutes">At least so often; null: not at all.</param>
    /// <param name="changed">Since when it has been expected like this.</param>
    /// <param name="reported">The last report; null: none is known.</param>
    /// <param name="listening">Since when this node has been able to hear of reports: nobody is to blame for the time before.</param>
    public static ReportingState StateOf(
        int? everyMinutes, DateTimeOffset changed, DateTimeOffset? reported, DateTimeOffset listening, DateTimeOffset now)
    {
        if (everyMinutes is not { } minutes) return ReportingState.NotExpected;
        var patience = TimeSpan.FromMinutes(minutes) + Grace;
        if (now - reported < patience) return ReportingState.Reporting;
        return now - changed < patience || now - listening < patience ? ReportingState.Awaited : ReportingState.Silent;
    }
}
