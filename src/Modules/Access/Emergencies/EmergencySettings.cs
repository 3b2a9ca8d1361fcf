using System.Globalization;
using Microsoft.Extensions.Configuration;
using Notify.Kernel;

namespace Notify.Access.Emergencies;

/// <summary>The settings under <c>Notify:Emergency</c> (docs/operations.md).</summary>
public sealed class EmergencySettings
{
    private const string Setting = "Notify:Emergency:ReviewDays";

    /// <exception cref="StartException">A setting is invalid.</exception>
    public EmergencySettings(IConfiguration configuration)
    {
        var text = configuration[Setting];
        if (string.IsNullOrWhiteSpace(text)) return;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) || days > 365)
            throw new StartException($"{Setting} is '{text}'; it must be a number from 0 to 365.");
        ReviewWithin = days == 0 ? null : TimeSpan.FromDays(days);
    }

    /// <summary>How long after the end of an emergency Notify raises an alarm if nobody has reviewed it; null: never.</summary>
    public TimeSpan? ReviewWithin { get; } = TimeSpan.FromDays(7);
}
