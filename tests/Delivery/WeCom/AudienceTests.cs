using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Channels;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;
using Notify.Channels.WeCom;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Secrets;
using Notify.Testing;

namespace Notify.Delivery.Tests.WeCom;

/// <summary>Whom one message reaches, as the platform counts them.</summary>
public sealed class AudienceTests
{
    [Fact]
    public void a_group_counts_as_one_whoever_is_in_it() =>
        Of(Service(), new Receiver("bot", "Line 1")).Should().BeEquivalentTo(new Audience([Audience.Lane], 1));

    [Fact]
    public void accounts_count_each_and_one_that_is_written_in_two_ways_has_one_pace()
    {
        var audience = Of(Service(), Account("Li.Wei"), Account("li.wei"), Account("wang"));
        audience.Members.Should().Equal("li.wei", "wang");
        audience.Persons.Should().Be(3, "the platform is asked for three, and counts what it is asked for");
    }

    [Fact]
    public void all_counts_for_every_account_of_the_service()
    {
        Of(Service("a", "b", "c"), Account(Receiver.All)).Should().BeEquivalentTo(new Audience([Receiver.All], 3));
        Of(Service("a", "b", "c"), Account("a"), Account(Receiver.All)).Members.Should().Equal(Receiver.All);
    }

    [Fact]
    public void all_counts_as_one_at_least_where_nobody_knows_how_many_there_are()
    {
        Of(Service(), Account(Receiver.All)).Persons.Should().Be(1);
        Of(NoRoutes.Instance, Account(Receiver.All)).Persons.Should().Be(1);
    }

    [Fact]
    public void a_member_has_the_key_that_its_row_has()
    {
        var limits = TestChannels.All.Of("wecom").Delivery.LimitsOf(Given.App);
        limits.KeyOf(Of(Service(), Account("Li.Wei")).Members[0]).Should().Be(ReceiverKey.Of(Account("Li.Wei")));
        TestChannels.All.Of("wecom").Delivery.LimitsOf(Given.Robot).KeyOf(Audience.Lane).Should().BeNull("a robot has its lane for itself");
    }

    private static Receiver Account(string id) => new("account", Account: id);

    private static Audience Of(IRoutes routes, params Receiver[] receivers) => routes.AudienceOf(receivers);

    private static IRoutes Service(params string[] accounts) => TestChannels.All.Of("wecom").Routes(Settings(accounts));

    private static JsonObject Settings(params string[] accounts) => (JsonObject)JsonSerializer.SerializeToNode(
        new WeComSettings
        {
            SendTo = [WeComSettings.Account],
            App = new("corp", 1, new SecretRef("x", "x")),
            Accounts = [.. accounts.Select(x => new WeComAccount(x, x))],
        },
        NotifyJson.Options)!;
}
