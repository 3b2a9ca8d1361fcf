using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Notify.Alarms.ByLink;
using Notify.Alarms.ExpectedSources;
using Notify.Alarms.Intake;
using Notify.Alarms.Intake.Alertmanager;
using Notify.Alarms.Mqtt;
using Notify.Alarms.Reading;
using Notify.Alarms.Silences;
using Notify.Alarms.Silencing;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Kernel.Reviewing;
using Wolverine;

namespace Notify.Alarms;

/// <summary>Receives alarms, keeps their state, and lets operators acknowledge and shelve them.</summary>
public static class AlarmsModule
{
    public const string ReportedEvent = "alarms.alarm_reported.v1";
    public const string AcknowledgedEvent = "alarms.alarm_acknowledged.v1";
    public const string RepeatedEvent = "alarms.report_repeated.v1";
    public const string UnshelvedEvent = "alarms.alarm_unshelved.v1";

    public static IServiceCollection AddAlarmsModule(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddEventSummaries(EventSummaries.All);
        services.AddReview(ReviewedAlarms.All);
        services.AddProblemTexts(AlarmsProblemTexts.Lines);
        services.AddEvents(
            "alarms",
            EventType.Of<AlarmReported>(ReportedEvent,
            "A source reported the state of an alarm; the first report raises it.") with
            { HasDerivedId = true, OccurredAt = "eventTime" },
            EventType.Of<ReportRepeated>(RepeatedEvent, "A source repeated a recorded report; nobody is notified."),
            EventType.Of<PutAwayReportRepeated>(
            "alarms.put_away_report_repeated.v1", "A source repeated a report that has been removed by retention; nobody is notified."),
            EventType.Of<AlarmExpired>(
            "alarms.alarm_expired.v1", "A source stopped reporting, and its alarm counts as cleared.") with
            { OccurredAt = "expiredAt" },
            EventType.Of<AlarmAcknowledged>(AcknowledgedEvent, "Somebody acknowledged an alarm."),
            EventType.Of<AlarmShelved>("alarms.alarm_shelved.v1", "Somebody, or a silence, shelved an alarm for a time."),
            EventType.Of<AlarmUnshelved>(
            UnshelvedEvent, "An alarm is no longer shelved, manually, because the time was up, or because a silence ended."),
            EventType.Of<SilenceCreated>("alarms.silence_created.v1", "Somebody created a silence, which shelves all alarms that match it."),
            EventType.Of<SilenceChanged>("alarms.silence_changed.v1", "Somebody changed the start, the end, the author or the comment of a silence."),
            EventType.Of<SilenceExpired>("alarms.silence_expired.v1", "A silence ended, manually or because the time was up."),
            EventType.Of<ExpectedSourceCreated>("alarms.expected_source_created.v1", "An expected source was created."),
            EventType.Of<ExpectedSourceChanged>("alarms.expected_source_changed.v1", "The settings of an expected source were replaced."),
            EventType.Of<ExpectedSourceEnabled>("alarms.expected_source_enabled.v1", "An expected source was enabled."),
            EventType.Of<ExpectedSourceDisabled>(
            "alarms.expected_source_disabled.v1", "An expected source was disabled; its reports are no longer expected."),
            EventType.Of<ExpectedSourceDeleted>("alarms.expected_source_deleted.v1", "An expected source was deleted."));
        services.ConfigureMarten(options =>
        {
            options.Storage.ExtendedSchemaObjects.AddRange(AlarmTable.SchemaObjects());
            options.Storage.ExtendedSchemaObjects.Add(SilenceTable.Table());
            options.Storage.ExtendedSchemaObjects.Add(ReportsHeard.Table());
        });
        services.AddSingleton(OwnAlarmQuestion.Of(source => new AskOwnAlarm(source), (OwnAlarmAnswered x) => x.IsActive));
        services.AddOwnedTables(AlarmTable.Owned, SilenceTable.Owned);
        services.AddExpiringStreams("alarm", "alarm", "repeat", "silence");
        services.AddReadModel<AlarmRows>();
        services.AddReadModel<SilenceRows>();
        services.AddOpenStreams("silence", events =>
            events.Aggregate((Silence?)null, (silence, e) => Silence.Apply(silence, e.StreamId, e.Data, e.At))?.EndedAt is null);
        services.AddOpenStreams("alarm", events =>
            events.Aggregate((Alarm?)null, (alarm, e) => Alarm.Apply(alarm, e.StreamId, e.Data))?.IsActive == true);
        services.AddResource(
            ExpectedSourceKind.TableName, _ => new ExpectedSourceKind(), new ExpectedSourceProjection(), ExpectedSourceKind.TitleText);
        services.AddSingleton<ReportsHeard>().AddSingleton<SourceSilenceWatch>().AddSingleton<ReadExpectedStates>();
        services.AddHostedService(x => x.GetRequiredService<SourceSilenceWatch>());
        services.AddSingleton<AlarmWriter>();
        services.AddHostedService(x => x.GetRequiredService<AlarmWriter>());
        services.AddHostedService<AlarmClock>();
        services.AddSingleton<CurrentSilences>().AddSingleton<SilenceWriter>().AddSingleton<ApplySilence>().AddHostedService<SilenceClock>();
        services.AddSingleton<PostSilence>().AddSingleton<ReadSilences>().AddSingleton<GettableSilences>().AddSingleton<ExpireSilence>();
        services.AddScoped<Timeline>().AddScoped<ConfirmByLink>();
        services.AddSingleton<PostAlarms>().AddSingleton<ReceiveWebhook>().AddSingleton<ReceiveCloudEvents>().AddSingleton<PostAlerts>()
            .AddSingleton<ListAlerts>();
        services.AddScoped<ReadAlarms>();
        services.AddSingleton<ReadAlarmsAt>().AddSingleton<CountAlarms>().AddSingleton<MeasureAlarms>();
        services.AddSingleton<OperatorChange>().AddSingleton<Acknowledge>().AddSingleton<AcknowledgeByLink>()
            .AddSingleton<Shelve>().AddSingleton<Unshelve>();
        services.AddSingleton<IWolverineExtension, Messaging>();
        AddMqtt(services, configuration);
        services.CheckDuration("Notify:Intake:Alertmanager:ResolveTimeout", Durations.LongestInterval);
        services.AddOptions<AlertMapping>(ReceiveWebhook.Alertmanager).Bind(configuration.GetSection("Notify:Intake:Alertmanager"))
            .ValidateOnStart();
        services.AddOptions<AlertMapping>(ReceiveWebhook.Grafana).Configure(x =>
        {
            // For an alert about a rule that could not be evaluated, Grafana gives the rule's name here.
            x.Name = "{rulename|alertname}";
            x.Value = "{value|annotations.value|values|valueString}";
        }).Bind(configuration.GetSection("Notify:Intake:Grafana"));
        return services;
    }

    private static void AddMqtt(IServiceCollection services, IConfiguration configuration)
    {
        var settings = configuration.GetSection(MqttSettings.Section).Get<MqttSettings>() ?? new();
        if (settings.Fault() is { } fault) throw new StartException(fault);
        services.AddSingleton(settings);
        services.AddSingleton(new ToldStates(settings.PublishesStates));
        services.ConfigureMarten(options =>
        {
            options.Storage.ExtendedSchemaObjects.AddRange(MqttTables.SchemaObjects());
            options.Storage.ExtendedSchemaObjects.Add(ToldStates.Table());
        });
        services.AddOwnedTables(ToldStates.Owned);
        if (settings.IsOn) services.AddHostedService<MqttConnection>();
    }

    public static void MapAlarmsModule(this IEndpointRouteBuilder routes)
    {
        var alarms = routes.MapGroup("/api/v1/alarms").WithTags("alarms");
        PostAlarms.Map(alarms);
        ReadAlarms.Map(alarms);
        CountAlarms.Map(alarms);
        ReadAlarmsAt.Map(alarms);
        MeasureAlarms.Map(routes);
        Acknowledge.Map(alarms);
        Shelve.Map(alarms);
        Unshelve.Map(alarms);
        var intake = routes.MapGroup("/api/v1/intake").WithTags("intake").ForeignFormat().TakesBasicCredentials();
        ReceiveWebhook.Map(intake);
        CloudEventsEndpoint.Map(intake);
        CloudEventsHandshake.Map(intake);
        AlertmanagerApi.Map(routes);
        var silences = routes.MapGroup("/api/v1/silences").WithTags("alarms");
        ReadSilences.Map(silences);
        ExpireSilence.Map(silences);
        ReadExpectedStates.Map(routes.MapResource(
            routes.ServiceProvider.GetRequiredService<ResourceKind<ExpectedSource, ExpectedSourceSettings>>(),
            ResourceDocument.Of<ExpectedSourceSettings>(ExpectedSourceKind.Example)));
        AcknowledgePageEndpoints.Map(routes);
    }

    private sealed class Messaging : IWolverineExtension
    {
        /// <summary>One after another, so that nobody is notified "cleared" before "active" of Notify's own alarms either.</summary>
        public void Configure(WolverineOptions options) => options.LocalQueueFor<RaiseAlarm>().Sequential();
    }
}
