using Notify.Contracts.Rules;
using Notify.Kernel.Resources;

namespace Notify.Rules;

/// <summary>A rule, message or schedule as it is at one version of its stream.</summary>
/// <param name="Settings">They are valid.</param>
public sealed record Configured<TSettings>(string Id, long Version, string Name, bool Enabled, TSettings Settings)
{
    internal VersionedRef Ref => new(Id, Version, Name);
}

public static class Configured
{
    public static Configured<TSettings> Of<TSettings>(Resource<TSettings> x)
        where TSettings : class => new(x.Id, x.Version, x.Name, x.Enabled, x.Settings);
}
