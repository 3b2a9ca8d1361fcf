using System.Globalization;
using Microsoft.Extensions.Configuration;
using Notify.Kernel;

namespace Notify.Access.Emergencies;

/// <summary>The settings under <c>Notify:Emergency</c> (docs/operations.md).</summary>
public sealed class EmergencySettings
{
    private const string Setting = "Notify:Emergency:ReviewDays";

    /// <exception cref="StartException">A setting has a value that it cannot have.</exception>
    public EmergencySettings(IConfiguration configuration)
    {
        var text = configuration[Setting];
        if (string.IsNullOrWhiteSpace(text)) return;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) || days > 365)
            throw new StartException($"{Setting} is '{text}'; it must be a number from 0 to 365.");
        ReviewWithin = days == 0 ? null : TimeSpan.FromDays(days);
    }

    /// <summary>After its end an emergency must be reviewed within this time, or an alarm says so; null: no alarm does.</summary>
    public TimeSpan? ReviewWithin { get; } = TimeSpan.FromDays(7);
}
