using System.Globalization;
using Microsoft.Extensions.Configuration;
using Notify.Kernel;

namespace Notify.Access.Verifying;

/// <summary>The settings under <c>Notify:SignIn</c> (docs/operations.md).</summary>
public sealed class SignInSettings
{
    private const string Section = "Notify:SignIn";

    /// <exception cref="StartException">A setting is invalid.</exception>
    public SignInSettings(IConfiguration configuration)
    {
        Idle = TimeSpan.FromMinutes(Read(configuration, "IdleMinutes", 30, 1, 24 * 60));
        Longest = TimeSpan.FromHours(Read(configuration, "LongestHours", 12, 1, 30 * 24));
        InitialPassword = TimeSpan.FromDays(Read(configuration, "InitialPasswordDays", 7, 1, 365));
        RequiresSecondFactor = configuration[$"{Section}:SecondFactor"]?.Trim().ToLowerInvariant() switch
        {
            null or "" or "optional" => false,
            "required" => true,
            var other => throw new StartException($"{Section}:SecondFactor is '{other}'; it can be optional or required."),
        };
    }

    /// <summary>How long a session lasts without activity.</summary>
    public TimeSpan Idle { get; }

    /// <summary>How long a session lasts at most.</summary>
    public TimeSpan Longest { get; }

    /// <summary>How long a password that somebody else has set, and that must be changed, is accepted.</summary>
    public TimeSpan InitialPassword { get; }

    /// <summary>Whether people who sign in by password must set up a second factor before doing anything else.</summary>
    public bool RequiresSecondFactor { get; }

    private static int Read(IConfiguration configuration, string name, int usual, int min, int max)
    {
        if (configuration[$"{Section}:{name}"] is not { Length: > 0 } text) return usual;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value : throw new StartException($"{Section}:{name} is '{text}'; it must be a number from {min} to {max}.");
    }
}
