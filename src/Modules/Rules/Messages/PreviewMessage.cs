using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Notify.Channels;
using Notify.Channels.Messages;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Rules.Schedules;
using Wolverine;

namespace Notify.Rules.Messages;

/// <summary><c>POST /messages/preview</c>: a message as recipients would see it, and how the channel would split it. Nothing is sent or
/// stored.</summary>
public sealed class PreviewMessage(IMessageBus bus, AcknowledgeLinks links, IConfiguration configuration, ChannelCatalog channels, TimeProvider time)
{
    /// <param name="Alarm">An alarm as in <c>POST /alarms</c>; null: an example.</param>
    public sealed record Request(
        string? Type = null, string? Format = null, string? Content = null, Mentions? Mentions = null, string? TimeZone = null,
        string? Language = null, [property: ShownAs("PostAlarmsReport")] JsonObject? Alarm = null)
    {
        /// <summary>The channel-specific fields.</summary>
        [JsonExtensionData]
        public Dictionary<string, JsonElement>? Fields { get; init; }
    }

    /// <param name="Bytes">The size of the whole text in UTF-8.</param>
    /// <param name="Limit">The maximum bytes of one message to the channel's first kind of receiver; null when the format has no byte limit.</param>
    /// <param name="Parts">How the text is split for that kind of receiver.</param>
    /// <param name="Fields">The rendered channel-specific fields; null: none.</param>
    /// <param name="Plans">How the text is sent to each kind of receiver.</param>
    /// <param name="NotMentioned">Mentions that have no effect, with the reason; null when there are none.</param>
    public sealed record Preview(
        string Format, string Text, int Bytes, int? Limit, IReadOnlyList<MessagePart> Parts, IReadOnlyList<MessagePlan> Plans, AlarmFacts Alarm,
        IReadOnlyList<NotMentioned>? NotMentioned, IReadOnlyDictionary<string, string>? Fields = null);

    /// <exception cref="ProblemException">400: the message or the alarm is invalid.</exception>
    public async Task<Preview> RunAsync(Request request, CancellationToken cancellation)
    {
        var errors = new Errors();
        var settings = SettingsOf(request, errors);
        errors.ThrowIfAny();

        var now = time.GetUtcNow();
        var alarm = await SampleAlarm.ReadAsync(request.Alarm, bus, now, cancellation);
        var message = Render(settings, alarm, now);
        var plans = channels.Of(settings.Type).Messages.Plan(message, new Uri(links.Sample));
        return new Preview(
            message.Format, message.Text, Encoding.UTF8.GetByteCount(message.Text), plans[0].LimitBytes, plans[0].Parts, plans, alarm,
            message.NotMentioned, message.Fields);
    }

    public static void Map(RouteGroupBuilder messages) =>
        messages.MapPost("/preview", async (HttpContext http, PreviewMessage preview) =>
            await preview.RunAsync(await http.Request.ReadAsync<Request>("name", "description"), http.RequestAborted))
                .Requires(Permission.ConfigurationRead)
            .Document(
                "previewMessage", "Preview a message",
                "The rendered text, its size in bytes, the limit, and for each kind of receiver how it is split and whom it mentions. "
                + "Nothing is sent or stored.")
            .Takes<Request>("""{ "type": "wecom", "format": "text", "content": "{level} {name}", "alarm": { "name": "Motor too hot" } }""");

    internal MessageSettings SettingsOf(Request draft, Errors errors)
    {
        var type = draft.Type ?? channels.Default.Type;
        var settings = new MessageSettings
        {
            Type = type,
            Format = draft.Format ?? (channels.Find(type) ?? channels.Default).Messages.Formats[0].Name,
            Content = draft.Content ?? "",
            Mentions = draft.Mentions ?? Mentions.None,
            TimeZone = draft.TimeZone,
            Language = draft.Language,
            Fields = draft.Fields,
        }.Complete(channels);
        settings.Validate(errors, channels);
        return settings;
    }

    /// <summary>Without a rule no schedule determines the time zone: a message without its own gets the default time zone of schedules.</summary>
    internal RenderedMessage Render(MessageSettings settings, AlarmFacts alarm, DateTimeOffset now) =>
        CompiledContent.Of(settings, channels).Render(
            alarm, now, TimeZones.Get(TimeZones.Default(configuration)), links.Sample);
}
