using NodaTime;
using Notify.Kernel.Texts;

namespace Notify.Rules.Messages;

/// <summary>Values in a message that do not come from the alarm.</summary>
/// <param name="Zone">In which times are written.</param>
/// <param name="UrlPath">The link to the acknowledgement page. Ours, so it goes into the text as it is.</param>
/// <param name="At">The instant at which the message is rendered: an active alarm has lasted until then. Null: until the change that it is
/// about.</param>
/// <param name="Words">In the message's language; null: in none in particular.</param>
public sealed record TemplateContext(DateTimeZone Zone, string UrlPath, DateTimeOffset? At = null, MessageWords? Words = null)
{
    public MessageWords Words { get; init; } = Words ?? MessageWords.Of((string?)null);
}
