using Notify.Contracts.Rules;

namespace Notify.Rules.Deciding;

/// <summary>A rule, message or schedule at one version of its stream.</summary>
/// <param name="Settings">Valid.</param>
public sealed record Configured<TSettings>(string Id, long Version, string Name, bool Enabled, TSettings Settings)
{
    internal VersionedRef Ref => new(Id, Version, Name);
}
