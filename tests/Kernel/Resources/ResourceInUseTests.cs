using Notify.Kernel.Resources;

namespace Notify.Kernel.Tests.Resources;

/// <summary>The number that confirms a change is that of the rules, by the contract; what else uses the resource is named.</summary>
public sealed class ResourceInUseTests
{
    private static readonly ResourceUser rule = new("rule", "rule-1", "Night", true);
    private static readonly ResourceUser drill = new("drill", "drill-1", "Line 1", true);

    [Fact]
    public void rules_are_counted_and_what_else_uses_it_is_named()
    {
        ProblemOf(confirmed: 2, rule, drill).Should().Be("The service 'Plant' is used by rule 'Night', drill 'Line 1'. Add ?confirm=1 to do it anyway.");
        ProblemOf(confirmed: 1, rule, drill).Should().BeNull();
    }

    [Fact]
    public void what_else_uses_it_is_counted_where_no_enabled_rule_does()
    {
        ProblemOf(confirmed: 0, rule with { Enabled = false }, drill).Should()
            .Be("The service 'Plant' is used by drill 'Line 1'. Add ?confirm=1 to do it anyway.");
        ProblemOf(confirmed: 1, rule with { Enabled = false }, drill).Should().BeNull();
    }

    [Fact]
    public void a_rule_that_uses_several_is_counted_once() =>
        ResourceInUse.CountOf([new("service", "A", "disable", [rule, drill]), new("service", "B", "delete", [rule])]).Should().Be(1);

    private static string? ProblemOf(long confirmed, params ResourceUser[] users)
    {
        try
        {
            ResourceInUse.ThrowIfUnconfirmed("service", "Plant", users, confirmed);
            return null;
        }
        catch (ProblemException e)
        {
            return e.Detail;
        }
    }
}
