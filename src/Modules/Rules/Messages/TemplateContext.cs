using NodaTime;
using Notify.Kernel.Texts;

namespace Notify.Rules.Messages;

/// <summary>Values in a message that do not come from the alarm.</summary>
/// <param name="Zone">The time zone of times in the text.</param>
/// <param name="UrlPath">The link to the acknowledgement page. Notify generates it, so it is not escaped.</param>
/// <param name="At">The time of rendering, up to which the duration of an active alarm is counted. Null: it is counted up to the change that the
/// message is about.</param>
/// <param name="Words">The words of the message's language; null: those of the API.</param>
public sealed record TemplateContext(DateTimeZone Zone, string UrlPath, DateTimeOffset? At = null, MessageWords? Words = null)
{
    public MessageWords Words { get; init; } = Words ?? MessageWords.Of((string?)null);
}
