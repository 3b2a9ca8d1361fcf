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

/// <summary><c>POST /messages/preview</c>: a message as it would be read, and how the channel would cut it. Nothing is sent or kept.</summary>
public sealed class PreviewMessage(IMessageBus bus, AcknowledgeLinks links, IConfiguration configuration, ChannelCatalog channels, TimeProvider time)
{
    /// <param name="Alarm">As one of <c>POST /alarms</c>; an example when it is left out.</param>
    public sealed record Request(
        string? Type = null, string? Format = null, string? Content = null, Mentions? Mentions = null, string? TimeZone = null,
        string? Language = null, [property: ShownAs("PostAlarmsReport")] JsonObject? Alarm = null)
    {
        /// <summary>What messages of the channel have beside this.</summary>
        [JsonExtensionData]
        public Dictionary<string, JsonElement>? Fields { get; init; }
    }

    /// <param name="Bytes">Of the whole text, in UTF-8.</param>
    /// <param name="Limit">Bytes of one message to the channel's first kind of receiver; null when the format counts no bytes.</param>
    /// <param name="Parts">How it is split for that kind.</param>
    /// <param name="Fields">What the message has beside its text, rendered; null: nothing.</param>
    /// <param name="Plans">By kind of receiver.</param>
    /// <param name="NotMentioned">Whom it was to call and does not; null when there is none.</param>
    public sealed record Preview(
        string Format, string Text, int Bytes, int? Limit, IReadOnlyList<MessagePart> Parts, IReadOnlyList<MessagePlan> Plans, AlarmFacts Alarm,
        IReadOnlyList<NotMentioned>? NotMentioned, IReadOnlyDictionary<string, string>? Fields = null);

    /// <exception cref="ProblemException">400: the message or the alarm.</exception>
    public async Task<Preview> RunAsync(Request request, CancellationToken cancellation)
    {
        var type = request.Type ?? channels.Default.Type;
        var settings = new MessageSettings
        {
            Type = type,
            Format = request.Format ?? (channels.Find(type) ?? channels.Default).Messages.Formats[0].Name,
            Content = request.Content ?? "",
            Mentions = request.Mentions ?? Mentions.None,
            TimeZone = request.TimeZone,
            Language = request.Language,
            Fields = request.Fields,
        }.Complete(channels);
        var errors = new Errors();
        settings.Validate(errors, channels);
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

    /// <summary>
    /// Without a rule there is no schedule whose zone would count: a message without a zone of its own has that of schedules for which none is
    /// given.
    /// </summary>
    internal RenderedMessage Render(MessageSettings settings, AlarmFacts alarm, DateTimeOffset now) =>
        CompiledContent.Of(settings, channels).Render(
            alarm, now, TimeZones.Get(TimeZones.Default(configuration)), links.Sample);
}
