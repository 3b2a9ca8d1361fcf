namespace Notify.Rules.Deciding;

/// <summary>A rule with everything that it refers to, at one version of the configuration.</summary>
internal sealed class CompiledRule(Configured<RuleSettings> rule, CompiledAction[] actions, CompiledAction?[] others)
{
    public Configured<RuleSettings> Rule { get; } = rule;
    public RuleMatcher Matcher { get; } = new(rule.Name, rule.Settings.Criteria);
    public CompiledAction[] Actions { get; } = actions;

    /// <summary>The fallbacks of the actions, by the same index; null for an action without one.</summary>
    public CompiledAction?[] Others { get; } = others;

    public void Deconstruct(out Configured<RuleSettings> rule, out RuleMatcher matcher, out CompiledAction[] actions) =>
        (rule, matcher, actions) = (Rule, Matcher, Actions);
}
