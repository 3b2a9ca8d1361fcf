using Notify.Ui.Live;

namespace Notify.Ui.Tests.Live;

/// <summary>What a list shows while it goes on and somebody reads it.</summary>
public sealed class LiveRowsTests
{
    private sealed record Row(string Id, int Version = 1);

    private readonly LiveRows<Row> rows = new(x => x.Id);

    [Fact]
    public void while_nobody_uses_the_list_what_is_new_takes_its_place()
    {
        rows.Start([new("b"), new("a")], null);
        rows.Refresh([new("c"), new("a", 2), new("b")], null, 200, isInUse: false);
        rows.Shown.Should().Equal([new("c"), new("a", 2), new("b")]);
        rows.New.Should().Be(0);
    }

    [Fact]
    public void while_somebody_uses_it_rows_change_where_they_are_and_what_is_new_waits()
    {
        rows.Start([new("b"), new("a")], null);
        rows.Refresh([new("c"), new("a", 2), new("b")], null, 200, isInUse: true);
        rows.Shown.Should().Equal([new("b"), new("a", 2)]);
        rows.New.Should().Be(1);

        rows.Apply();
        rows.Shown.Should().Equal([new("c"), new("a", 2), new("b")]);
        rows.New.Should().Be(0);
    }

    [Fact]
    public void what_the_list_does_not_hold_any_more_stays_until_the_rows_may_move_and_is_marked()
    {
        rows.Start([new("b"), new("a")], null);
        rows.Refresh([new("b")], null, 200, isInUse: true);
        rows.Shown.Should().Equal([new("b"), new("a")]);
        rows.IsGone(new("a")).Should().BeTrue();
        rows.IsGone(new("b")).Should().BeFalse();

        rows.Apply();
        rows.Shown.Should().Equal([new("b")]);
        rows.IsGone(new("a")).Should().BeFalse();
    }

    [Fact]
    public void what_was_not_read_again_stays_behind_what_was_and_nothing_is_there_twice()
    {
        rows.Start([new("d"), new("c")], "2");
        rows.Append([new("c"), new("b"), new("a")], null);
        rows.Shown.Select(x => x.Id).Should().Equal(["d", "c", "b", "a"]);

        rows.Refresh([new("a", 2), new("e")], "9", limit: 2, isInUse: false);
        rows.Shown.Should().Equal([new("a", 2), new("e"), new("b")]);
        rows.Next.Should().BeNull();
    }

    [Fact]
    public void when_more_is_new_than_was_read_again_the_list_begins_anew()
    {
        rows.Start([new("c"), new("b"), new("a")], null);
        rows.Refresh([new("f"), new("e")], "2", limit: 2, isInUse: false);
        rows.Shown.Select(x => x.Id).Should().Equal(["f", "e"]);
        rows.Next.Should().Be("2");
    }
}
