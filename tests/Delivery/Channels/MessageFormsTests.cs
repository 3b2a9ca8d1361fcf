using Notify.Channels.Sending;
using Notify.Testing;

namespace Notify.Delivery.Tests.Channels;

public sealed class MessageFormsTests
{
    [Theory]
    [InlineData("text", Remedy.Shorter, new[] { MessageForm.Shorter })]
    [InlineData("markdown", Remedy.Shorter, new[] { MessageForm.Shorter, MessageForm.PlainText })]
    [InlineData("template_card", Remedy.Shorter, new[] { MessageForm.PlainText })]
    [InlineData("template_card", Remedy.PlainText, new[] { MessageForm.PlainText })]
    [InlineData("text", Remedy.PlainText, new MessageForm[0])]
    [InlineData("text", Remedy.Minimal, new[] { MessageForm.Minimal })]
    [InlineData("markdown", Remedy.None, new MessageForm[0])]
    public void each_form_is_tried_once(string format, Remedy remedy, MessageForm[] expected)
    {
        var tried = new List<MessageForm>();
        var form = MessageForm.AsWritten;
        while (TestChannels.All.Default.Delivery.NextForm(
            form, format, new SendOutcome(OutcomeClass.Message) { Remedy = remedy }) is { } next) tried.Add(form = next);
        tried.Should().Equal(expected);
    }

    [Fact]
    public void what_was_not_refused_for_itself_keeps_its_form() =>
        TestChannels.All.Default.Delivery.NextForm(
            MessageForm.AsWritten, "markdown", new SendOutcome(OutcomeClass.Retry) { Remedy = Remedy.PlainText }).Should().BeNull();
}
