using NodaTime;

namespace Notify.Rules.Messages;

/// <summary>What a message says that the alarm itself doesn't know.</summary>
/// <param name="Zone">In which <c>{eventTime}</c> is written.</param>
/// <param name="UrlPath">The link to the acknowledgement page. Ours, so it goes into the text as it is.</param>
public sealed record TemplateContext(DateTimeZone Zone, string UrlPath);
