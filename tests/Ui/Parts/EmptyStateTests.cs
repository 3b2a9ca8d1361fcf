using Bunit;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Parts;

public sealed class EmptyStateTests : ComponentTest
{
    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public void only_a_list_to_which_something_can_be_added_shows_a_plus_sign(bool hasAction, int signs)
    {
        var state = Render<EmptyState>(x =>
        {
            x.Add(p => p.Text, "Nothing yet.");
            if (hasAction) x.AddChildContent("<a href=\"new\">Add</a>");
        });
        state.FindAll(".empty-plus").Should().HaveCount(signs);
    }
}
