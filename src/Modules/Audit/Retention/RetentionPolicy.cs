using Microsoft.Extensions.Configuration;
using Notify.Kernel.Events;

namespace Notify.Audit.Retention;

/// <summary>
/// Retention periods by class: <c>Notify:Audit:Retention:notification = 3650</c>, in days. Classes that are not set are kept forever, which is the
/// default for all. Configuration, access and the audit's own records have no class and never expire.
/// </summary>
public sealed class RetentionPolicy
{
    public RetentionPolicy(IConfiguration configuration, IEnumerable<ExpiringStreams> streams)
    {
        Classes = new SortedDictionary<string, string[]>(streams.ToDictionary(x => x.Class, x => x.Kinds.ToArray()), StringComparer.Ordinal);
        foreach (var setting in configuration.GetSection("Notify:Audit:Retention").GetChildren())
        {
            if (!Classes.ContainsKey(setting.Key)) throw new InvalidOperationException(
                $"Notify:Audit:Retention:{setting.Key} is not a class: there are {string.Join(", ", Classes.Keys)}.");
            if (!int.TryParse(setting.Value, System.Globalization.CultureInfo.InvariantCulture, out var days) || days is < 1 or > 365_000)
                throw new InvalidOperationException($"Notify:Audit:Retention:{setting.Key} must be a number of days, 1 or more.");
            Periods[setting.Key] = TimeSpan.FromDays(days);
        }
    }

    /// <summary>The kinds of streams of each class, as the modules say. What is open does not go.</summary>
    public IReadOnlyDictionary<string, string[]> Classes { get; }

    /// <summary>Only what expires at all.</summary>
    public Dictionary<string, TimeSpan> Periods { get; } = new(StringComparer.Ordinal);
}
