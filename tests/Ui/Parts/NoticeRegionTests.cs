using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Parts;

/// <summary>While a modal dialog is open, everything outside it is neither seen nor read aloud.</summary>
public sealed class NoticeRegionTests : ComponentTest
{
    [Fact]
    public void a_notice_is_in_the_topmost_dialog_and_on_the_page_when_that_has_closed()
    {
        var notices = Services.GetRequiredService<Notices>();
        var page = Render<Page>(x => x.Add(y => y.Dialogs, 2));
        notices.Say("Done.");
        Places(page).Should().Equal("", "", "Done.");
        page.Render(x => x.Add(y => y.Dialogs, 1));
        Places(page).Should().Equal("", "Done.");
        page.Render(x => x.Add(y => y.Dialogs, 0));
        Places(page).Should().Equal("Done.");
        notices.Clear();
        Places(page).Should().Equal("");
        notices.Announce("3 failed");
        Places(page).Should().Equal("3 failed");
    }

    private static IEnumerable<string> Places(IRenderedComponent<Page> page) =>
        page.FindAll(".notices").Select(x => string.Concat(x.QuerySelectorAll("span, p").Select(y => y.TextContent)));

    private sealed class Page : ComponentBase
    {
        [Parameter] public int Dialogs { get; set; }

        protected override void BuildRenderTree(Microsoft.AspNetCore.Components.Rendering.RenderTreeBuilder builder)
        {
            builder.OpenComponent<NoticeRegion>(0);
            builder.CloseComponent();
            for (var i = 0; i < Dialogs; i++)
            {
                builder.OpenComponent<FormDialog>(1);
                builder.SetKey(i);
                builder.AddAttribute(2, nameof(FormDialog.Title), $"Dialog {i}");
                builder.CloseComponent();
            }
        }
    }
}
