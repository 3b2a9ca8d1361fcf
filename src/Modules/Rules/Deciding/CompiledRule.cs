namespace Notify.Rules.Deciding;

/// <summary>A rule with all that it refers to, at one moment.</summary>
internal sealed class CompiledRule(Configured<RuleSettings> rule, CompiledAction[] actions, CompiledAction?[] others)
{
    public Configured<RuleSettings> Rule { get; } = rule;
    public RuleMatcher Matcher { get; } = new(rule.Name, rule.Settings.Criteria);
    public CompiledAction[] Actions { get; } = actions;

    /// <summary>The other ways of the actions, null where there is none.</summary>
    public CompiledAction?[] Others { get; } = others;

    public void Deconstruct(out Configured<RuleSettings> rule, out RuleMatcher matcher, out CompiledAction[] actions) =>
        (rule, matcher, actions) = (Rule, Matcher, Actions);
}
