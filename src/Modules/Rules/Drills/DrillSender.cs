using Marten;
using Microsoft.Extensions.Configuration;
using Notify.Channels;
using Notify.Channels.Messages;
using Notify.Channels.People;
using Notify.Contracts;
using Notify.Contracts.Delivery;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Rules.Messages;
using Wolverine;
using Wolverine.Runtime;

namespace Notify.Rules.Drills;

/// <summary>Runs a drill: records its start, sends its message through the real service, and records the platform's answer.</summary>
public sealed class DrillSender(
    IDocumentStore store, IWolverineRuntime runtime, DrillRuns runs, CurrentResources<Message, MessageSettings> messages,
    ChannelCatalog channels, AcknowledgeLinks links, IConfiguration configuration, TimeProvider time)
{
    /// <summary>How long a planned run waits for its turn on the lane: a little longer than the minute in which platforms count.</summary>
    private const int PlannedTurn = 65;

    /// <summary>As above, when somebody waits for the answer.</summary>
    private const int AskedTurn = 10;

    /// <summary>Longer than waiting and sending together, and shorter than <see cref="DrillRun.Sending"/>.</summary>
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(100);

    /// <param name="plannedAt">Null: somebody starts it.</param>
    /// <returns>Null: another node runs it.</returns>
    public async Task<DrillRun?> RunAsync(Drill drill, DateTimeOffset? plannedAt, AuditContext audit)
    {
        if (await runs.StartAsync(drill, plannedAt, audit) is not { } run) return null;
        var (results, faults) = await SendAsync(drill, run, audit);
        return await runs.ChangeAsync(run.Id, (x, now) => results is null ? x.NotSent(faults) : x.Sent(results, now), audit);
    }

    /// <summary>Not cancelled when the caller disconnects, so that the result of what was sent is recorded.</summary>
    private async Task<(IReadOnlyList<TestResult>? Results, IReadOnlyList<string> Faults)> SendAsync(
        Drill drill, DrillRun run, AuditContext audit)
    {
        var (bus, settings, errors) = (new MessageBus(runtime), drill.Settings, new Errors());
        await using var session = store.QuerySession();
        var message = await messages.FindAsync(session, settings.MessageId, CancellationToken.None);
        var service = (await RuleKind.ServiceAsync(settings.ServiceId, channels, bus, CancellationToken.None)).SingleOrDefault();
        var people = settings.People.Any() ? await RuleKind.PeopleAsync(bus, CancellationToken.None) : ConfiguredPeople.None;
        DrillReferences.Check(settings, service, message is null ? null : Configured.Of(message), people, channels, errors);
        if (errors.Any) return (null, Sentences(errors));

        var wantsLink = run.ConfirmWithinMinutes is not null;
        var link = wantsLink ? links.To(run.Id, run.Version) : null;
        var content = DrillMessage.Render(
            drill.Name, message!.Settings, link, time.GetUtcNow(), TimeZones.Default(configuration), channels, errors);
        if (errors.Any) return (null, Sentences(errors));
        var by = new Requester(audit.Actor.Id, audit.Actor.Name, audit.Actor.Kind, audit.CorrelationId, audit.SourceIp, audit.Reason, audit.Client);
        var answer = await bus.InvokeAsync<TestAnswer>(
            new SendTest(
                settings.ServiceId, message.Settings.Type, settings.Receivers, content,
                new VersionedRef(message.Id, message.Version, message.Name), by, run.TestId)
            { TurnWithinSeconds = run.PlannedAt is null ? AskedTurn : PlannedTurn },
            CancellationToken.None, timeout: patience);
        if (!answer.ServiceExists) return (null, [Ids.NoSuch("service", settings.ServiceId)]);
        return answer.Faults.Count > 0 ? (null, [.. answer.Faults.Select(x => x.Message)]) : (answer.Results, []);
    }

    private static List<string> Sentences(Errors errors) => [.. errors.ToDictionary().Values.SelectMany(x => x).Distinct(StringComparer.Ordinal)];
}

/// <summary>Checks that what a drill refers to exists, is enabled and fits.</summary>
internal static class DrillReferences
{
    public static void Check(
        DrillSettings settings, ConfiguredService? service, Configured<MessageSettings>? message, ConfiguredPeople people, ChannelCatalog channels,
        Errors errors)
    {
        new RuleReferences(_ => service, _ => message, _ => null, people, channels)
            .Validate(settings.ServiceId, settings.MessageId, settings.Receivers, "", "the service", errors);
        if (errors.Any || settings.ConfirmWithinMinutes is not null || channels.Of(service!.Type).Reports is null) return;
        errors.Add("confirmWithinMinutes", "This platform only reports that it accepted a message, not its delivery: set confirmWithinMinutes.");
    }
}

/// <summary>The message of a drill: the configured one, filled from an example alarm, and marked so that nobody takes it for a real alarm.</summary>
internal static class DrillMessage
{
    public const string Mark = "[演练] [Drill]";

    /// <param name="link">The link for the confirmation; null: none is required.</param>
    /// <param name="timeZone">Used if the message has none of its own.</param>
    public static RenderedMessage Render(
        string name, MessageSettings settings, string? link, DateTimeOffset now, string timeZone, ChannelCatalog channels, Errors errors)
    {
        var alarm = SampleAlarm.At(now) with
        {
            Name = $"{Mark} {name}",
            Path = DrillAlarm.ParentPath,
            Type = "Drill",
            Value = "",
            AckUser = "",
            Description = link is null ? "演练，并无报警，无需处理。This is a drill; nothing has happened."
                : "演练，并无报警；请打开链接确认收到。This is a drill; nothing has happened. Please confirm by the link.",
            Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["drill"] = "true" },
        };
        var channel = channels.Of(settings.Type).Messages;
        var content = CompiledContent.Of(settings, channels).Render(alarm, now, TimeZones.Get(timeZone), link ?? "");
        if (!channel.TakesContent) Check(string.Join('\n', (content.Fields ?? new Dictionary<string, string>()).Values));
        else if (channel.Find(content.Format) is not { TakesWordsInFront: true }) Check(content.Text);
        else
        {
            var words = link is null ? ""
                : $" 请打开链接确认收到 Please confirm by the link{(content.Text.Contains(link, StringComparison.Ordinal) ? "" : $": {link}")}";
            return content with { Text = $"{Mark}{words}\n{content.Text}" };
        }

        return content;

        // In formats to which Notify cannot add words, the message itself must contain the mark and the link.
        void Check(string text)
        {
            if (!text.Contains("Drill", StringComparison.Ordinal)) errors.Add("messageId", "The message must show {name}, which says that it is a drill.");
            if (link is not null && !text.Contains(link, StringComparison.Ordinal))
                errors.Add("messageId", "The message must show {urlPath}, by which the drill is confirmed.");
        }
    }
}
