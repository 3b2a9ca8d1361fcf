using Bunit;
using Notify.Contracts.Delivery;
using Notify.Contracts.People;
using Notify.Kernel.Texts;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Parts;

public sealed class TestResultsTests : ComponentTest
{
    private static readonly BilingualText none = new("", "");

    [Theory]
    [InlineData("delivered", "delivered", "state state-good")]
    [InlineData("accepted", "accepted, not yet confirmed", "state")]
    [InlineData("unknown", "answer lost", "state state-warn")]
    [InlineData("notSent", "not sent", "state state-bad")]
    [InlineData("failed", "failed", "state state-bad")]
    public void a_result_is_said_in_words_and_only_a_failure_looks_like_one(string outcome, string word, string look)
    {
        var mark = Show(new("sms", null, "+8613800138000", outcome, null, null, null, null, null, none, none)).Find("td span");
        (mark.TextContent, mark.ClassName).Should().Be((word, look));
    }

    [Fact]
    public void a_person_is_named() =>
        Show(new("person", null, "user-1", "notSent", null, null, null, null, null, none, none) { People = [new("user-1", "Zhang San", null)] })
            .Find("td").TextContent.Should().Be("Zhang San");

    private IRenderedComponent<TestResults> Show(TestResult result) => Render<TestResults>(x => x.Add(y => y.Results, [result]));
}
