using System.Text.Json.Nodes;
using Bunit;
using Notify.Ui.Forms;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Parts;

public sealed class TimeInputTests : ComponentTest
{
    public TimeInputTests() => Reader.TimeZone = "Asia/Shanghai";

    [Fact]
    public void what_is_typed_stays_as_it_is_until_it_is_complete()
    {
        DateTimeOffset? given = Now;
        var input = Render<InstantInput>(x => x.Add(y => y.Id, "at").Add(y => y.Value, given).Add(y => y.ValueChanged, y => given = y));
        input.Find("#at").GetAttribute("value").Should().Be("2026-10-01 20:00:00");
        input.Find(".time-input").TextContent.Trim().Should().Be("+08:00");
        input.Find("#at").Input("2026-10-1 9:30");
        (input.Find("#at").GetAttribute("value"), given).Should().Be(("2026-10-1 9:30", Now));
        input.Find("#at").Change("2026-10-1 9:30");
        given.Should().Be(new DateTimeOffset(2026, 10, 1, 1, 30, 0, TimeSpan.Zero));
        input.Render(x => x.Add(y => y.Value, given));
        input.Find("#at").GetAttribute("value").Should().Be("2026-10-01 09:30:00");
    }

    [Fact]
    public void what_is_no_time_is_kept_and_said_and_changes_nothing()
    {
        DateTimeOffset? given = Now;
        var input = Render<InstantInput>(x => x.Add(y => y.Id, "at").Add(y => y.Value, given).Add(y => y.ValueChanged, y => given = y));
        input.Find("#at").Input("tomorrow");
        input.Find("#at").Change("tomorrow");
        (input.Find("#at").GetAttribute("value"), input.Find("#at").GetAttribute("aria-invalid"), given).Should().Be(("tomorrow", "true", Now));
        input.Find("#at-fault").TextContent.Should().Be("Type it as 2026-10-01 20:00:00.");
        input.Find("#at").Input("");
        input.Find("#at").Change("");
        given.Should().BeNull();
        input.FindAll(".fault").Should().BeEmpty();
    }

    [Fact]
    public void a_field_sends_a_time_as_the_api_has_it_and_what_is_none_as_it_was_typed()
    {
        var form = new FormState(new JsonObject { ["expiresAt"] = "2026-10-01T12:00:00Z", ["start"] = "2026-10-01" });
        var instant = Render<InstantField>(x => x.Add(y => y.Form, form).Add(y => y.Path, "expiresAt").Add(y => y.Label, "Expires"));
        var day = Render<TextField>(x => x
            .Add(y => y.Form, form).Add(y => y.Path, "start").Add(y => y.Label, "Start").Add(y => y.Type, "date").Add(y => y.EmptyIsNull, true));
        instant.Find("#f-expiresAt").GetAttribute("value").Should().Be("2026-10-01 20:00:00");
        instant.Find("#f-expiresAt").Input("2026-10-02T20:00");
        day.Find("#f-start").Input("2026/1/2");
        (form.Text("expiresAt"), form.Text("start")).Should().Be(("2026-10-02T12:00:00Z", "2026-01-02"));
        instant.Find("#f-expiresAt").Input("soon");
        day.Find("#f-start").Input("soon");
        (form.Text("expiresAt"), form.Text("start")).Should().Be(("soon", "soon"));
        instant.Find("#f-expiresAt").Input("");
        day.Find("#f-start").Input("");
        form.Body.Should().BeEmpty();
    }
}
