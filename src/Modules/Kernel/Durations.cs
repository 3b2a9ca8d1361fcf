using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Notify.Kernel;

/// <summary>
/// Checks settings that are durations. .NET reads a number alone as days: a timeout of <c>60</c> would be two months, more than a timer can wait, and
/// would only fail when it is used. So each has a greatest sensible value.
/// </summary>
public static class Durations
{
    /// <summary>For how long somebody waits for an answer.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    /// <summary>For how often something is done, and how long something is valid.</summary>
    public static readonly TimeSpan LongestInterval = TimeSpan.FromDays(1);

    /// <summary>Ends the start with a sentence if the setting has a value that cannot be used.</summary>
    /// <param name="mayBeZero">Whether zero is sensible.</param>
    public static IServiceCollection CheckDuration(this IServiceCollection services, string setting, TimeSpan most, bool mayBeZero = false)
    {
        services.AddOptions<Checked>().Validate<IConfiguration>(
            (_, settings) => settings.GetValue<TimeSpan?>(setting) is not { } value || IsSound(value, most, mayBeZero),
            Wanted(setting, most, mayBeZero)).ValidateOnStart();
        return services;
    }

    public static bool IsSound(TimeSpan value, TimeSpan most, bool mayBeZero = false) =>
        value <= most && (mayBeZero ? value >= TimeSpan.Zero : value > TimeSpan.Zero);

    /// <summary>What to set instead, for the operator.</summary>
    public static string Wanted(string setting, TimeSpan most, bool mayBeZero = false) =>
        $"{setting} must be {(mayBeZero ? "zero or more" : "more than zero")} and at most {most:c}. "
        + "Write a duration as hours:minutes:seconds, such as 00:00:15; a number alone is a number of days.";

    private sealed class Checked;
}
