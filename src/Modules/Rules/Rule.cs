using Notify.Kernel.Resources;

namespace Notify.Rules;

public sealed record RuleCreated(string Name, string Description, RuleSettings Settings) : IResourceCreated<RuleSettings>;

public sealed record RuleChanged(string Name, string Description, RuleSettings Settings) : IResourceChanged<RuleSettings>;

public sealed record RuleEnabled : IResourceEnabled;

public sealed record RuleDisabled : IResourceDisabled;

public sealed record RuleDeleted : IResourceDeleted;

/// <summary>Which alarms are sent by which service, with which message, when and to whom. Stream <c>rule-…</c>.</summary>
public sealed class Rule : Resource<RuleSettings>
{
    /// <summary>Each action has its key, also when they come from a row that was stored before there were keys.</summary>
    public override RuleSettings Settings { get; set => field = value?.Named(ActionKeys.First)!; } = null!;
}

public sealed partial class RuleProjection : ResourceProjection<Rule, RuleSettings>
{
    protected override RuleSettings Complete(RuleSettings settings, long version) => settings.Named(version);
}
