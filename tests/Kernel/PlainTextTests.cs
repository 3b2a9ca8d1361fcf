namespace Notify.Kernel.Tests;

public sealed class PlainTextTests
{
    [Theory]
    [InlineData("")]
    [InlineData("泵 1 👩‍👩‍👧‍👦")]
    [InlineData("\uFFFD\u0001")]
    public void what_can_be_stored_has_no_fault(string text) => PlainText.FaultOf(text).Should().BeNull();

    [Fact]
    public void what_postgresql_or_utf8_cannot_hold_is_named()
    {
        PlainText.FaultOf("a\0b").Should().Be(PlainText.HasNull);
        // Not as data of a theory: the runner could not print them.
        foreach (var text in new[] { "a\uD800", "\uDC00a", "\uD83D\uDE00\uD800", "\uD800\uD800\uDC00" }) PlainText.FaultOf(text).Should()
            .Be(PlainText.IsNoUnicode);
    }
}
