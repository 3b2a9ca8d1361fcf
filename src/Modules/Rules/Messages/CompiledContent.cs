using NodaTime;
using Notify.Channels;
using Notify.Channels.Messages;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Texts;
using Notify.Rules.Schedules;

namespace Notify.Rules.Messages;

/// <summary>A message, compiled once for any number of alarms. Everything that shows or sends a message renders it here. Immutable.</summary>
public sealed class CompiledContent
{
    private static readonly Dictionary<string, string> none = [];
    private readonly MessageSettings settings;
    private readonly Template template;
    private readonly CompiledMentions mentions;
    private readonly DateTimeZone? ownZone;
    private readonly MessageWords words;
    private readonly MessageFields fields;
    private readonly bool takesContent;

    private CompiledContent(MessageSettings settings, IMessageFormat format, IChannelMessages channel)
    {
        this.settings = settings;
        template = Template.Parse(settings.Content, format);
        mentions = new(settings.Mentions, format);
        ownZone = settings.TimeZone is { } zone ? TimeZones.Get(zone) : null;
        words = MessageWords.Of(settings.Language);
        fields = new(channel.Fields, settings.FieldsOf());
        takesContent = channel.TakesContent;
    }

    /// <param name="settings">They are valid.</param>
    public static CompiledContent Of(MessageSettings settings, ChannelCatalog channels)
    {
        var complete = settings.Complete(channels);
        var messages = channels.Of(complete.Type).Messages;
        return new(complete, messages.Of(complete.Format), messages);
    }

    /// <param name="at">The time of the decision to notify.</param>
    /// <param name="otherwise">The time zone if the message has none of its own; null: UTC.</param>
    /// <param name="urlPath">The link to the alarm's acknowledgement page.</param>
    public RenderedMessage Render(AlarmFacts alarm, DateTimeOffset at, DateTimeZone? otherwise, string urlPath)
    {
        var zone = ownZone ?? otherwise ?? DateTimeZone.Utc;
        var context = new TemplateContext(zone, urlPath, at, words);
        var notMentioned = new List<NotMentioned>();
        var called = mentions.Render(alarm, context, notMentioned);
        var others = fields.Render(alarm, context);
        // Messages without content get a readable text made of their fields.
        var text = takesContent ? template.Render(alarm, context, notMentioned) : string.Join('\n', (others ?? none).Select(x => $"{x.Key}: {x.Value}"));
        return new(settings.Format, text, called)
        {
            Fields = others,
            Language = settings.Language,
            TimeZone = zone.Id,
            NotMentioned = notMentioned.Count == 0 ? null : notMentioned,
        };
    }
}
