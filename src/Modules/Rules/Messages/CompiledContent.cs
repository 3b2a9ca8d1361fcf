using NodaTime;
using Notify.Channels;
using Notify.Channels.Messages;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Texts;
using Notify.Rules.Schedules;

namespace Notify.Rules.Messages;

/// <summary>A message read once, to be written for any number of alarms: whatever shows or sends one writes it here. Immutable.</summary>
public sealed class CompiledContent
{
    private readonly MessageSettings settings;
    private readonly Template template;
    private readonly CompiledMentions mentions;
    private readonly DateTimeZone? ownZone;
    private readonly MessageWords words;

    private CompiledContent(MessageSettings settings, IMessageFormat format)
    {
        this.settings = settings;
        template = Template.Parse(settings.Content, format);
        mentions = new(settings.Mentions, format);
        ownZone = settings.TimeZone is { } zone ? TimeZones.Get(zone) : null;
        words = MessageWords.Of(settings.Language);
    }

    /// <param name="settings">Valid.</param>
    public static CompiledContent Of(MessageSettings settings, ChannelCatalog channels)
    {
        var complete = settings.Complete(channels);
        return new(complete, channels.Of(complete.Type).Messages.Of(complete.Format));
    }

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
