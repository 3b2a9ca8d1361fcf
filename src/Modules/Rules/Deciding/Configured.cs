using Notify.Contracts.Rules;

namespace Notify.Rules.Deciding;

/// <summary>A rule, message or schedule at one version of its stream.</summary>
/// <param name="Settings">Valid.</param>
public sealed record Configured<TSettings>(string Id, long Version, string Name, bool Enabled, TSettings Settings)
{
    internal VersionedRef Ref => new(Id, Version, Name);
}

/// <summary>What a decision needs to know of a notification service.</summary>
/// <param name="Robots">The aliases of its robots; none when it doesn't send to robots.</param>
/// <param name="Accounts">Its accounts; none when it doesn't send to accounts. <c>@all</c> is not among them: it stands for any.</param>
public sealed record ConfiguredService(
    string Id, long Version, string Name, bool Enabled, string Type, IReadOnlyList<string> Robots, IReadOnlyList<string> Accounts)
{
    internal VersionedRef Ref => new(Id, Version, Name);
}
