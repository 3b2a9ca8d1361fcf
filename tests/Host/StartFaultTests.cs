using Microsoft.Extensions.Options;
using Notify.Host.Operating;
using Notify.Kernel;
using Notify.Testing;

namespace Notify.Host.Tests;

/// <summary>A setting that cannot be used ends the start with a sentence that names it.</summary>
public sealed class StartFaultTests
{
    [Theory]
    [InlineData("Notify:Transport", "kafka")]
    [InlineData("Notify:Transport", "rabbitmq")]
    [InlineData("Notify:Audit:Retention:nothing", "30")]
    [InlineData("Notify:Audit:Retention:alarm", "soon")]
    [InlineData("Notify:Audit:Origin", "plant 7")]
    [InlineData("Notify:TimeZone", "China")]
    [InlineData("Notify:WeCom:ProbeInterval", "00:00:00")]
    [InlineData("Notify:WeCom:BotLimitPerMinute", "many")]
    [InlineData("Notify:Intake:Alertmanager:ResolveTimeout", "00:00:00")]
    [InlineData("Notify:AcknowledgeLinks:Generation", "-1")]
    public async Task a_setting_that_cannot_be_used_is_named_in_a_sentence(string setting, string value)
    {
        var start = async () =>
        {
            await using var host = await NotifyHost.StartAsync([$"{setting}={value}"]);
        };
        var fault = (await start.Should().ThrowAsync<Exception>()).Which;
        StartFault.TextOf(fault).Should().Contain(setting, fault.ToString()).And.NotContain("   at ");
    }

    [Fact]
    public void of_several_each_is_named_and_what_is_not_the_operator_s_fault_keeps_its_stack()
    {
        OptionsValidationException wrong = new("", typeof(string), ["A must be more than zero."]);
        StartFault.TextOf(new AggregateException(wrong, new StartException("B is missing."))).Should()
            .Be($"A must be more than zero.{Environment.NewLine}B is missing.");
        StartFault.TextOf(new AggregateException(wrong, new InvalidOperationException("a bug"))).Should().BeNull();
        StartFault.TextOf(new InvalidOperationException("a bug")).Should().BeNull();
    }
}
