using NodaTime;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel.Texts;
using Notify.Rules.Schedules;

namespace Notify.Rules.Messages;

/// <summary>A message read once, to be written for any number of alarms: whatever shows or sends one writes it here. Immutable.</summary>
/// <param name="settings">Valid.</param>
public sealed class CompiledContent(MessageSettings settings)
{
    private readonly Template template = Template.Parse(settings.Content, settings.Format);
    private readonly CompiledMentions mentions = new(settings.Mentions);
    private readonly DateTimeZone? ownZone = settings.TimeZone is { } zone ? TimeZones.Get(zone) : null;
    private readonly MessageWords words = MessageWords.Of(settings.Language);

    /// <param name="at">When it is decided to tell.</param>
    /// <param name="otherwise">The zone, where the message has none of its own.</param>
    /// <param name="urlPath">The link to the alarm's acknowledgement page.</param>
    public RenderedMessage Render(AlarmFacts alarm, DateTimeOffset at, DateTimeZone? otherwise, string urlPath)
    {
        var zone = ownZone ?? otherwise ?? DateTimeZone.Utc;
        var context = new TemplateContext(zone, urlPath, at, words);
        var notMentioned = new List<NotMentioned>();
        var called = mentions.Render(alarm, context, notMentioned);
        return new(settings.Format, template.Render(alarm, context, notMentioned), called)
        {
            Language = settings.Language,
            TimeZone = zone.Id,
            NotMentioned = notMentioned.Count == 0 ? null : notMentioned,
        };
    }
}
