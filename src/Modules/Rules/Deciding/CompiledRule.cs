namespace Notify.Rules.Deciding;

/// <summary>A rule with everything that it refers to, at one version of the configuration.</summary>
internal sealed class CompiledRule(Configured<RuleSettings> rule, CompiledAction[] actions, CompiledAction?[] others)
{
    public Configured<RuleSettings> Rule { get; } = rule;
    public RuleMatcher Matcher { get; } = new(rule.Name, rule.Settings.Criteria);
    public CompiledAction[] Actions { get; } = actions;

    /// <summary>The keys of the actions, by the same index.</summary>
    public string[] Keys { get; } = [.. rule.Settings.Named(rule.Version).Actions.Select(x => x.Key!)];

    /// <summary>The fallbacks of the actions, by the same index; null for an action without one.</summary>
    public CompiledAction?[] Others { get; } = others;

    /// <summary>The index of the action with this key; null: the rule does not have it any more.</summary>
    public int? IndexOf(string key) => Array.IndexOf(Keys, key) is >= 0 and var index ? index : null;

    public void Deconstruct(out Configured<RuleSettings> rule, out RuleMatcher matcher, out CompiledAction[] actions) =>
        (rule, matcher, actions) = (Rule, Matcher, Actions);
}
