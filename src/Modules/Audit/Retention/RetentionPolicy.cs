using Microsoft.Extensions.Configuration;
using Notify.Kernel;
using Notify.Kernel.Events;

namespace Notify.Audit.Retention;

/// <summary>
/// Retention periods by class: <c>Notify:Audit:Retention:notification = 3650</c>, in days. Classes that are not set are kept forever, which is the
/// default for all. Configuration, access and the records of the history itself have no class and never expire.
/// </summary>
public sealed class RetentionPolicy
{
    public RetentionPolicy(IConfiguration configuration, IEnumerable<ExpiringStreams> streams)
    {
        Classes = new SortedDictionary<string, string[]>(streams.ToDictionary(x => x.Class, x => x.Kinds.ToArray()), StringComparer.Ordinal);
        foreach (var setting in configuration.GetSection("Notify:Audit:Retention").GetChildren())
        {
            if (!Classes.ContainsKey(setting.Key)) throw new StartException(
                $"Notify:Audit:Retention:{setting.Key} is not a class: there are {string.Join(", ", Classes.Keys)}.");
            if (!int.TryParse(setting.Value, System.Globalization.CultureInfo.InvariantCulture, out var days) || days is < 1 or > 365_000)
                throw new StartException($"Notify:Audit:Retention:{setting.Key} must be a number of days, 1 or more.");
            Periods[setting.Key] = TimeSpan.FromDays(days);
        }
    }

    /// <summary>The kinds of streams of each class, as the modules declare them. Open streams do not expire.</summary>
    public IReadOnlyDictionary<string, string[]> Classes { get; }

    /// <summary>The periods of the classes that expire.</summary>
    public Dictionary<string, TimeSpan> Periods { get; } = new(StringComparer.Ordinal);
}
