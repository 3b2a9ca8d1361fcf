using Bunit;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Parts;

public sealed class ListPagerTests : ComponentTest
{
    private readonly List<int> pages = [];
    private readonly List<int> sizes = [];

    private IRenderedComponent<ListPager> Show(long total, int page, int size = 20) => Render<ListPager>(x => x
        .Add(y => y.Total, total).Add(y => y.Page, page).Add(y => y.PageSize, size)
        .Add(y => y.PageChanged, pages.Add).Add(y => y.PageSizeChanged, sizes.Add));

    [Theory]
    [InlineData(21, 2)]
    [InlineData(40, 2)]
    [InlineData(1_000_001, 50_001)]
    public void there_are_as_many_pages_as_the_rows_need(long total, int expected) =>
        Show(total, 1).Find(".numbers").TextContent.Should().Be($"1 / {expected}");

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void one_page_needs_nothing_to_turn_it(long total)
    {
        var pager = Show(total, 1);
        pager.Find(".pager").TextContent.Trim().Should().Be($"{total} in total");
        pager.FindAll("button, input, select").Should().BeEmpty();
    }

    [Fact]
    public void one_goes_back_and_on_as_far_as_there_are_pages()
    {
        var first = Show(41, 1);
        first.Find("[aria-label='Previous page']").HasAttribute("disabled").Should().BeTrue();
        first.Find("[aria-label='Next page']").Click();
        var last = Show(41, 3);
        last.Find("[aria-label='Next page']").HasAttribute("disabled").Should().BeTrue();
        last.Find("[aria-label='Previous page']").Click();
        pages.Should().Equal(2, 2);
    }

    [Theory]
    [InlineData("2", 2)]
    [InlineData("99", 3)]
    [InlineData("-5", 1)]
    [InlineData("x", 1)]
    public void a_page_that_is_typed_is_one_that_there_is(string typed, int page)
    {
        Show(41, 1).Find("input").Change(typed);
        pages.Should().Equal(page);
    }

    [Fact]
    public void how_many_rows_a_page_has_is_chosen()
    {
        Show(41, 1).Find("select").Change("100");
        sizes.Should().Equal(100);
    }
}
