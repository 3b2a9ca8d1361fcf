using Notify.Kernel.Resources;

namespace Notify.Rules;

public sealed record RuleCreated(string Name, string Description, RuleSettings Settings) : IResourceCreated<RuleSettings>;

public sealed record RuleChanged(string Name, string Description, RuleSettings Settings) : IResourceChanged<RuleSettings>;

public sealed record RuleEnabled : IResourceEnabled;

public sealed record RuleDisabled : IResourceDisabled;

public sealed record RuleDeleted : IResourceDeleted;

/// <summary>Which alarms are sent by which service, with which message, when and to whom. Stream <c>rule-…</c>.</summary>
public sealed class Rule : Resource<RuleSettings>;

public sealed partial class RuleProjection : ResourceProjection<Rule, RuleSettings>;
