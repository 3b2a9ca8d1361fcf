using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
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

    /// <summary>A number alone is read as days: more than a timer can wait, which would only show when it is used.</summary>
    [Fact]
    public void durations_that_cannot_be_meant_are_each_named_together_with_the_format()
    {
        string[] settings =
        [
            "Notify:WeCom:Timeout=60", "Notify:Email:ConnectTimeout=-1", "Notify:Feishu:Timeout=15", "Notify:DingTalk:Timeout=00:00:00",
            "Notify:SmsTwilio:Timeout=15", "Notify:SmsAliyun:Timeout=15", "Notify:Webhook:Timeout=00:10:01", "Notify:WeCom:ProbeInterval=30",
            "Notify:Email:ProbeInterval=30", "Notify:Feishu:ProbeInterval=30", "Notify:DingTalk:ProbeInterval=-00:00:01",
            "Notify:SmsTwilio:ProbeInterval=2", "Notify:SmsAliyun:ProbeInterval=0", "Notify:Database:ReadPatience=30",
            "Notify:Audit:LongestSearch=-00:00:02", "Notify:Audit:TableCheckInterval=30", "Notify:Audit:VerificationCheckInterval=10",
            "Notify:Audit:UpgradeCheckInterval=60", "Notify:Intake:Alertmanager:ResolveTimeout=5",
        ];
        using var app = NotifyHost.Build(settings);
        var start = app.Services.GetRequiredService<IStartupValidator>().Validate;
        var text = StartFault.TextOf(start.Should().Throw<Exception>().Which)!;
        foreach (var setting in settings) text.Should().Contain($"{setting.Split('=')[0]} must be ").And.Contain("00:00:15");
    }

    [Theory]
    [InlineData("postgres://notify:s3cret@db:5432/notify", "is an address")]
    [InlineData("Username=notify;Password=s3cret", "names no Host")]
    [InlineData("Host=db;Password=s3;cret", "is not a connection string")]
    [InlineData("Host=db;Password=s3;cret=x", "is not a connection string")]
    [InlineData("Host=db;Port=many;Password=s3cret", "is not a connection string")]
    public void a_connection_string_that_cannot_be_used_is_named_and_not_repeated(string given, string what) =>
        Storage.FaultOf(given).Should().StartWith($"ConnectionStrings:Notify {what}").And.NotContainAny("s3", "cret=", "many");

    [Fact]
    public void a_connection_string_may_have_a_password_in_quotes() =>
        Storage.FaultOf("Host=db;Password='s3;cret=';Database=notify").Should().BeNull();

    [Theory]
    [InlineData("localhost:8066")]
    [InlineData("http://127.0.0.1:8066;8443")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("http://127.0.0.1:80660")]
    [InlineData("http://127.0.0.1:8066/notify")]
    public void an_address_on_which_nothing_can_listen_is_named(string urls) =>
        FluentActions.Invoking(() => Settings.CheckUrls(urls)).Should().Throw<StartException>().WithMessage("ASPNETCORE_URLS *");

    [Theory]
    [InlineData("http://127.0.0.1:0; https://*:8443")]
    [InlineData("http://+:8066")]
    [InlineData("http://[::1]:8066")]
    [InlineData("http://unix:/run/notify.sock")]
    public void others_are_left_to_the_server(string urls) => FluentActions.Invoking(() => Settings.CheckUrls(urls)).Should().NotThrow();

    [Fact]
    public void a_data_directory_that_cannot_be_made_is_named()
    {
        var file = Path.GetTempFileName();
        FluentActions.Invoking(() => Settings.MakeDataDirectory(Path.Combine(file, "data"))).Should().Throw<StartException>()
            .WithMessage($"The data directory {file}*Set Notify:DataDirectory *");
        File.Delete(file);
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
