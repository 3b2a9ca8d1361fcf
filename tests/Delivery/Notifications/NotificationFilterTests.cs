using Microsoft.Extensions.Primitives;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Testing;

namespace Notify.Delivery.Tests.Notifications;

/// <summary>What a query means in SQL: values never stand in the text, and what finds few by an index is known.</summary>
public sealed class NotificationFilterTests
{
    [Fact]
    public void without_conditions_all_are_meant()
    {
        var filter = Of();
        filter.ToString().Should().Be("true");
        filter.Values.Should().BeEmpty();
        (filter.Indexed, filter.After, filter.Before).Should().Be((null, long.MinValue, long.MaxValue));
        filter.Next.Should().Be("$1");
    }

    [Fact]
    public void values_are_parameters_in_the_order_of_their_conditions()
    {
        var filter = Of(("serviceId", "service-1"), ("ruleId", "rule' or true --"), ("alarmId", "alarm-1"));
        filter.ToString().Should().Be("true and n.service_id = $1 and n.rule_id = $2 and n.alarm_id = $3");
        filter.Values.Should().Equal("service-1", "rule' or true --", "alarm-1");
        filter.Next.Should().Be("$4");
    }

    [Theory]
    [InlineData("Delivered", null)]
    [InlineData("Failed", "n.status = 'Failed'")]
    [InlineData("Scheduled", "n.status = 'Scheduled' and n.due_at is not null")]
    [InlineData("Pending", "n.status = 'Pending' and n.due_at is not null")]
    public void a_status_that_few_have_is_found_by_its_index_and_the_most_common_is_not(string status, string? indexed)
    {
        var filter = Of(("status", status));
        filter.Indexed.Should().Be(indexed);
        filter.ToString().Should().StartWith($"true and n.status = '{status}'", "PostgreSQL sees by these words which partial index fits");
    }

    [Fact]
    public void conditions_with_an_index_add_up()
    {
        var filter = Of(("status", "Failed"), ("alarmId", "alarm-1"));
        filter.Indexed.Should().Be("n.status = 'Failed' and n.alarm_id = $1");
    }

    [Fact]
    public void a_receiver_is_a_robot_or_an_account_of_that_name_in_any_case()
    {
        var filter = Of(("receiver", "Line 1"));
        filter.ToString().Should().Be("true and n.receivers && $1");
        filter.Values.Single().Should().BeEquivalentTo(TestChannels.All.KeysOf("Line 1"));
        filter.Keys.Single().Should().Contain(["bot:Line 1", "account:line 1"]);
    }

    [Fact]
    public void what_must_occur_in_a_span_is_one_key_of_each_condition()
    {
        var filter = Of(("serviceId", "s"), ("ruleId", "r"), ("receiver", "x"));
        filter.Keys.Select(x => x[0]).Should().Equal("service:s", "rule:r", TestChannels.All.KeysOf("x")[0]);
    }

    [Fact]
    public void the_narrower_of_two_bounds_holds()
    {
        var filter = Of();
        filter.WhereAfter(10);
        filter.WhereAfter(5);
        filter.WhereBefore(100);
        filter.WhereBefore(200);
        filter.WhereBefore(null);
        (filter.After, filter.Before).Should().Be((10, 99));
        filter.ToString().Should().Be("true and n.position > $1 and n.position > $2 and n.position < $3 and n.position < $4");
    }

    [Fact]
    public void an_unknown_status_is_a_fault_of_the_query()
    {
        var query = Query(("status", "Sent"));
        NotificationQuery.Read(query);
        query.Invoking(x => x.ThrowIfInvalid()).Should().Throw<ProblemException>().Which.Errors.Should().ContainKey("status");
    }

    private static NotificationFilter Of(params (string Name, string Value)[] given) =>
        NotificationFilter.Of(NotificationQuery.Read(Query(given)), TestChannels.All);

    private static QueryReader Query(params (string Name, string Value)[] given) =>
        new(name => new StringValues([.. given.Where(x => x.Name == name).Select(x => x.Value)]));
}
