using Microsoft.Extensions.Configuration;

namespace Notify.Audit.Proofs.Expiring;

/// <summary>
/// How long what is kept, by class: <c>Notify:Audit:Retention:notification = 3650</c>, in days. What is not named is kept for ever, and that is everything
/// unless somebody says otherwise. Configuration, access and the records of the audit itself have no class: they are never put away.
/// </summary>
public sealed class RetentionPolicy
{
    /// <summary>The kinds of streams of each class, and what must not be true of one that goes.</summary>
    public static readonly IReadOnlyDictionary<string, (string[] Kinds, string? Open)> Classes = new Dictionary<string, (string[], string?)>(StringComparer.Ordinal)
    {
        ["alarm"] = (["alarm"], "exists (select from notify.alarm a where a.id = s.stream_id and a.state like 'Active%')"),
        ["decision"] = (["decision"], null),
        ["notification"] = (["notification"], "exists (select from notify.notification n where n.id = s.stream_id and n.due_at is not null)"),
        ["test"] = (["test"], null),
        ["replay"] = (["replay"], null),
    };

    public RetentionPolicy(IConfiguration configuration)
    {
        foreach (var setting in configuration.GetSection("Notify:Audit:Retention").GetChildren())
        {
            if (!Classes.ContainsKey(setting.Key)) throw new InvalidOperationException($"Notify:Audit:Retention:{setting.Key} is not a class: there are {string.Join(", ", Classes.Keys)}.");
            if (!int.TryParse(setting.Value, System.Globalization.CultureInfo.InvariantCulture, out var days) || days is < 1 or > 365_000)
                throw new InvalidOperationException($"Notify:Audit:Retention:{setting.Key} must be a number of days, 1 or more.");
            Periods[setting.Key] = TimeSpan.FromDays(days);
        }
    }

    /// <summary>Only what expires at all.</summary>
    public Dictionary<string, TimeSpan> Periods { get; } = new(StringComparer.Ordinal);
}
