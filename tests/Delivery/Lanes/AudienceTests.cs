using Notify.Contracts.Rules;
using Notify.Contracts.Services;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;

namespace Notify.Delivery.Tests.Lanes;

/// <summary>Whom one message reaches, as the platform counts them.</summary>
public sealed class AudienceTests
{
    [Fact]
    public void a_group_counts_as_one_whoever_is_in_it() =>
        Of(null, new Receiver(Receiver.Bot, "Line 1")).Should().BeEquivalentTo(new Audience([Audience.Robot], 1));

    [Fact]
    public void accounts_count_each_and_one_that_is_written_in_two_ways_has_one_pace()
    {
        var audience = Of(null, Account("Li.Wei"), Account("li.wei"), Account("wang"));
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
        Of(null, Account(Receiver.All)).Persons.Should().Be(1);
    }

    [Fact]
    public void a_member_has_the_key_that_its_row_has()
    {
        Audience.ReceiverKeyOf(Of(null, Account("Li.Wei")).Members[0]).Should().Be(NotificationTable.KeyOf(Account("Li.Wei")));
        Audience.ReceiverKeyOf(Audience.Robot).Should().BeNull("a robot has its lane for itself");
    }

    private static Receiver Account(string id) => new(Receiver.AccountKind, Account: id);

    private static Audience Of(ServiceDescription? service, params Receiver[] receivers) => Audience.Of(receivers, service);

    private static ServiceDescription Service(params string[] accounts) =>
        new("service-1", 1, "WeCom", true, "wecom", [], new WeComDescription([], null, accounts));
}
