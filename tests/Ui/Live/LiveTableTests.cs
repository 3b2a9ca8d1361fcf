using System.Text.Json.Nodes;
using Bunit;
using Microsoft.AspNetCore.Components;
using Notify.Ui.Live;

namespace Notify.Ui.Tests.Live;

/// <summary>What a live list asks for, shows and chooses. That nothing moves under a pointer is tried in a browser.</summary>
public sealed class LiveTableTests : ComponentTest
{
    public sealed record Row(string Id, string Name);

    private readonly List<IReadOnlyList<Row>> read = [];
    private List<string> ids = ["c", "b", "a"];
    private string? next;
    private IReadOnlySet<string> chosen = new HashSet<string>();

    public LiveTableTests() => Answer = _ => new JsonObject
    {
        ["items"] = new JsonArray([.. ids.Select(x => new JsonObject { ["id"] = x, ["name"] = $"Alarm {x}" })]),
        ["nextCursor"] = next,
    };

    private IRenderedComponent<LiveTable<Row>> Show(string path = "alarms?level=High") => Render<LiveTable<Row>>(x => x
        .Add(y => y.Path, path).Add(y => y.Key, y => y.Id).Add(y => y.Label, y => y.Name).Add(y => y.Caption, "Alarms").Add(y => y.EmptyText, "None.")
        .Add(y => y.Head, (RenderFragment)(y => y.AddMarkupContent(0, "<th>Name</th>"))).Add(y => y.Row, row => y => y.AddContent(0, row.Name))
        .Add(y => y.Selectable, true).Add(y => y.Selected, chosen).Add(y => y.SelectedChanged, y => chosen = y).Add(y => y.WhenRead, read.Add));

    private static IEnumerable<string> Shown(IRenderedComponent<LiveTable<Row>> table) => table.Instance.Shown.Select(x => x.Id);

    [Fact]
    public void the_first_are_asked_for_and_those_that_follow_behind_them()
    {
        next = "9";
        var table = Show();
        Asked.Should().Equal("GET alarms?level=High&limit=200");
        table.Find(".live-bar").TextContent.Should().Contain("3 shown");
        (ids, next) = (["a", "9"], null);
        table.Find(".more button").Click();
        Asked[^1].Should().Be("GET alarms?level=High&limit=1000&cursor=9");
        Shown(table).Should().Equal("c", "b", "a", "9");
        table.Find(".live-bar").TextContent.Should().Contain("4 in total");
        table.FindAll(".more").Should().BeEmpty();
    }

    [Fact]
    public async Task when_those_that_follow_cannot_be_read_it_says_so_and_is_kept_up_to_date()
    {
        next = "9";
        var table = Show();
        Before = _ => throw new InvalidOperationException("The store is gone.");
        table.Find(".more button").Click();
        table.Find("[role=alert]").TextContent.Should().Contain("Something unexpected happened.");
        table.Find(".more button").HasAttribute("disabled").Should().BeFalse("it can be tried again");
        Shown(table).Should().Equal("c", "b", "a");

        (Before, ids) = (_ => Task.CompletedTask, ["d", "c", "b", "a"]);
        await table.InvokeAsync(table.Instance.ReloadAsync);
        Shown(table).Should().Equal("d", "c", "b", "a");
        table.FindAll("[role=alert]").Should().BeEmpty();
    }

    [Fact]
    public async Task what_comes_while_those_that_follow_are_read_is_read_afterwards()
    {
        next = "9";
        var table = Show();
        var more = new TaskCompletionSource();
        Before = asked => asked.Contains("cursor", StringComparison.Ordinal) ? more.Task : Task.CompletedTask;
        var click = table.Find(".more button").ClickAsync(new());
        await table.InvokeAsync(table.Instance.ReloadAsync);
        Asked.Should().HaveCount(2);
        (ids, next) = (["d", "c", "b", "a"], null);
        more.SetResult();
        await click;
        Asked[^1].Should().Be("GET alarms?level=High&limit=200");
        Shown(table).Should().StartWith("d");
    }

    [Fact]
    public async Task another_question_is_another_list()
    {
        var table = Show();
        ids = ["x"];
        table.Render(x => x.Add(y => y.Path, "alarms"));
        Asked[^1].Should().Be("GET alarms?limit=200");
        Shown(table).Should().Equal("x");
        // The same question again is not asked twice.
        table.Render(x => x.Add(y => y.Caption, "All alarms"));
        Asked.Should().HaveCount(2);
        ids = ["y", "x"];
        await table.InvokeAsync(table.Instance.ReloadAsync);
        Shown(table).Should().Equal("y", "x");
        read.Select(x => x.Count).Should().Equal(3, 1, 2);
    }

    [Fact]
    public async Task another_question_that_a_change_overtakes_is_another_list_too()
    {
        var table = Show();
        table.Find("[aria-label='Select Alarm b']").Change(true);
        var first = new TaskCompletionSource();
        Before = _ => Asked.Count == 2 ? first.Task : Task.CompletedTask;
        ids = ["x"];
        table.Render(x => x.Add(y => y.Path, "alarms").Add(y => y.Selected, chosen));
        await table.InvokeAsync(table.Instance.ReloadAsync);
        first.SetResult();
        Shown(table).Should().Equal("x");
        chosen.Should().BeEmpty("it is not in this list");
    }

    [Fact]
    public void rows_are_chosen_one_by_one_or_all_that_are_shown()
    {
        var table = Show();
        table.Find("[aria-label='Select Alarm b']").Change(true);
        chosen.Should().Equal("b");
        table.Render(x => x.Add(y => y.Selected, chosen));
        table.Find(".live-bar").TextContent.Should().Contain("1 selected");
        table.Find("[aria-label='Select all shown']").Change(true);
        chosen.Should().BeEquivalentTo("a", "b", "c");
        table.Render(x => x.Add(y => y.Selected, chosen));
        table.Find("[aria-label='Select all shown']").Change(false);
        chosen.Should().BeEmpty();
        // A phone does not show the head of the table.
        table.Render(x => x.Add(y => y.Selected, chosen));
        table.Find(".chosen .phone-only").Click();
        chosen.Should().BeEquivalentTo("a", "b", "c");
    }

    [Fact]
    public void nothing_and_a_refusal_are_said_in_words_and_it_can_be_tried_again()
    {
        ids = [];
        Show().Find(".table-box").TextContent.Should().Contain("None.");
        var (before, answers) = (Asked.Count, Answer);
        Answer = _ => null;
        var refused = Show("alarms?x=1");
        refused.Find("[role=alert]").TextContent.Should().Contain("Not found.");
        refused.FindAll(".table-box, .loading").Should().BeEmpty();
        (Answer, ids) = (answers, ["a"]);
        refused.Find("[role=alert] button").Click();
        Shown(refused).Should().Equal("a");
        refused.FindAll("[role=alert]").Should().BeEmpty();
        Asked.Should().HaveCount(before + 2);
    }
}
