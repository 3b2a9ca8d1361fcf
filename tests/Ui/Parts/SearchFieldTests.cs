using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Parts;

/// <summary>What is typed on a slow line, on which the page is told of its own address only when more was typed.</summary>
public sealed class SearchFieldTests : ComponentTest
{
    private readonly List<string> told = [];

    private IRenderedComponent<SearchField> Show(string value = "") => Render<SearchField>(x => x
        .Add(y => y.Label, "Search").Add(y => y.Value, value).Add(y => y.ValueChanged, told.Add));

    private static string Shown(IRenderedComponent<SearchField> field) => field.Find("input").GetAttribute("value") ?? "";

    [Fact]
    public async Task it_tells_what_was_typed_when_the_typing_pauses_and_at_once_when_it_is_left()
    {
        var field = Show();
        field.Find("input").Input("p");
        Time.Advance(TimeSpan.FromMilliseconds(200));
        field.Find("input").Input("pump");
        Time.Advance(TimeSpan.FromMilliseconds(200));
        await field.InvokeAsync(() => { });
        told.Should().BeEmpty();
        Time.Advance(TimeSpan.FromMilliseconds(100));
        field.WaitForAssertion(() => told.Should().Equal("pump"));
        field.Find("input").Input("pump 3");
        field.Find("input").Change("pump 3");
        Time.Advance(TimeSpan.FromSeconds(1));
        await field.InvokeAsync(() => { });
        told.Should().Equal("pump", "pump 3");
    }

    [Fact]
    public void a_value_that_it_has_told_itself_is_not_put_over_what_was_typed_since_another_is()
    {
        var field = Show();
        field.Find("input").Input("pump");
        field.Find("input").Change("pump");
        field.Find("input").Input("pump 3");
        field.Render(x => x.Add(y => y.Value, "pump"));
        Shown(field).Should().Be("pump 3");
        field.Render(x => x.Add(y => y.Value, "valve"));
        Shown(field).Should().Be("valve");
        Time.Advance(TimeSpan.FromSeconds(1));
        told.Should().Equal("pump");
    }

    [Fact]
    public void an_address_from_before_the_last_that_was_written_says_nothing_new_and_another_does()
    {
        var navigation = new SlowNavigation();
        var bar = new AddressBar(navigation);
        bar.Write("rules?search=p");
        bar.Write("rules?search=pump");
        bar.IsBehind.Should().BeTrue("the page is told of neither");
        navigation.Arrive();
        (navigation.Uri, bar.IsBehind).Should().Be(("http://localhost/rules?search=p", true));
        navigation.Arrive();
        (navigation.Uri, bar.IsBehind).Should().Be(("http://localhost/rules?search=pump", false));

        bar.Write("rules?search=pump+3");
        navigation.Go("http://localhost/rules");
        bar.IsBehind.Should().BeFalse("the reader has gone elsewhere");
        navigation.Arrive();
        bar.IsBehind.Should().BeFalse();
    }

    /// <summary>Is where it was told to go only when the browser answers.</summary>
    private sealed class SlowNavigation : NavigationManager
    {
        private readonly Queue<(string Uri, string? Mark)> under = [];

        public SlowNavigation() => Initialize("http://localhost/", "http://localhost/rules");

        public void Arrive() => (Uri, HistoryEntryState) = under.Dequeue();

        public void Go(string address) => (Uri, HistoryEntryState) = (address, null);

        protected override void NavigateToCore(string uri, NavigationOptions options) =>
            under.Enqueue((ToAbsoluteUri(uri).ToString(), options.HistoryEntryState));
    }
}
