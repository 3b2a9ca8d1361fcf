using Bunit;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Parts;

public sealed class AtTests : ComponentTest
{
    [Fact]
    public async Task the_time_since_goes_on_by_itself_until_the_part_goes()
    {
        var at = Render<At>(x => x.Add(y => y.Value, Now));
        at.Find(".ago").TextContent.Trim().Should().Be("now");
        Time.Advance(TimeSpan.FromSeconds(30));
        at.WaitForAssertion(() => at.Find(".ago").TextContent.Trim().Should().Be("30 s ago"));
        Time.Advance(TimeSpan.FromDays(2));
        at.WaitForAssertion(() => at.Find(".ago").TextContent.Trim().Should().Be("2 d ago"));

        var renders = at.RenderCount;
        Time.Advance(TimeSpan.FromMinutes(5));
        await at.InvokeAsync(() => { });
        at.RenderCount.Should().Be(renders, "it looks the same");
    }
}
