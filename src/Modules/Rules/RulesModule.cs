using Marten;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Notify.Channels;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Kernel.Reviewing;
using Notify.Rules.Checking;
using Notify.Rules.Deciding;
using Notify.Rules.Drills;
using Notify.Rules.Explaining;
using Notify.Rules.Messages;
using Notify.Rules.Schedules;
using Notify.Rules.Steps;
using Notify.Rules.WhatIf;
using Wolverine;

namespace Notify.Rules;

/// <summary>Messages, schedules, rules and drills; decides whom to notify of an alarm, and explains why.</summary>
public static class RulesModule
{
    public static IServiceCollection AddRulesModule(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddProblemTexts(RulesProblemTexts.Lines);
        services.AddEventSummaries(EventSummaries.All);
        services.AddReview(ReviewedDecisions.All);
        services.AddEvents(
            "rules",
            EventType.Of<MessageCreated>("rules.message_created.v1", "A message was created."),
            EventType.Of<MessageChanged>("rules.message_changed.v1", "The settings of a message were replaced."),
            EventType.Of<MessageEnabled>("rules.message_enabled.v1", "A message was enabled."),
            EventType.Of<MessageDisabled>("rules.message_disabled.v1", "A message was disabled."),
            EventType.Of<MessageDeleted>("rules.message_deleted.v1", "A message was deleted."),
            EventType.Of<ScheduleCreated>("rules.schedule_created.v1", "A schedule was created."),
            EventType.Of<ScheduleChanged>("rules.schedule_changed.v1", "The settings of a schedule were replaced."),
            EventType.Of<ScheduleEnabled>("rules.schedule_enabled.v1", "A schedule was enabled."),
            EventType.Of<ScheduleDisabled>("rules.schedule_disabled.v1", "A schedule was disabled."),
            EventType.Of<ScheduleDeleted>("rules.schedule_deleted.v1", "A schedule was deleted."),
            EventType.Of<RuleCreated>("rules.rule_created.v1", "A rule was created."),
            EventType.Of<RuleChanged>("rules.rule_changed.v1", "The settings of a rule were replaced."),
            EventType.Of<RuleEnabled>("rules.rule_enabled.v1", "A rule was enabled."),
            EventType.Of<RuleDisabled>("rules.rule_disabled.v1", "A rule was disabled."),
            EventType.Of<RuleDeleted>("rules.rule_deleted.v1", "A rule was deleted."),
            EventType.Of<DrillCreated>("rules.drill_created.v1", "A drill was created."),
            EventType.Of<DrillChanged>("rules.drill_changed.v1", "The settings of a drill were replaced."),
            EventType.Of<DrillEnabled>("rules.drill_enabled.v1", "A drill was enabled."),
            EventType.Of<DrillDisabled>("rules.drill_disabled.v1", "A drill was disabled."),
            EventType.Of<DrillDeleted>("rules.drill_deleted.v1", "A drill was deleted."),
            EventType.Of<DrillStarted>("rules.drill_started.v1", "A run of a drill began."),
            EventType.Of<DrillSent>("rules.drill_sent.v1", "The message of a drill was sent: what the platform said for each receiver."),
            EventType.Of<DrillNotSent>("rules.drill_not_sent.v1", "The message of a drill could not be sent, and why."),
            EventType.Of<DrillConfirmed>("rules.drill_confirmed.v1", "Somebody confirmed by the link that the message of a drill arrived."),
            EventType.Of<DrillUnconfirmed>("rules.drill_unconfirmed.v1", "Nobody confirmed in time that the message of a drill arrived."),
            EventType.Of<DrillInterrupted>(
            "rules.drill_interrupted.v1", "The process ended while it sent the message of a drill: whether it arrived is not known."),
            EventType.Of<AlarmDecided>(DecisionLog.EventName, "It was decided whom to notify of a change of an alarm, or why nobody is notified."),
            EventType.Of<StepPlanned>("rules.step_planned.v1", "An escalation or a reminder was planned for an alarm."),
            EventType.Of<StepPerformed>(
            "rules.step_performed.v1", "Nobody had reacted to an alarm in time: its escalation or reminder was performed."),
            EventType.Of<OtherWayTaken>("rules.other_way_taken.v1", "A notification did not arrive, and another way was taken."),
            EventType.Of<StepStopped>("rules.step_stopped.v1", "An escalation or a reminder of an alarm is no longer needed or wanted."));
        services.ConfigureMarten(options => options.Storage.ExtendedSchemaObjects.Add(StepTable.Table()));
        services.AddOwnedTables(StepTable.Owned);
        services.AddReadModel<StepRows>();
        services.AddOpenStreams("step", events =>
            events.Aggregate((WaitingStep?)null, (step, e) => WaitingStep.Apply(step, e.StreamId, e.Data))?.DueAt is not null);
        services.AddStoreFigures(new StoreFigures(
            $"select count(*) from {StepTable.Name} where due_at is not null", null,
            new StoreFigure("notify.steps.waiting", "{step}", "Escalations and reminders that wait for their time.")));
        services.AddHostedService<StepWorker>();
        services.ConfigureMarten(options => options.Storage.ExtendedSchemaObjects.Add(DrillRunTable.Table()));
        services.AddOwnedTables(DrillRunTable.Owned);
        services.AddReadModel<DrillRunRows>();
        services.AddSingleton<DrillRuns>().AddSingleton<DrillSender>().AddScoped<RunDrill>();
        services.AddHostedService<DrillWorker>();
        services.AddResource("message", x => new MessageKind(x.GetRequiredService<ChannelCatalog>()), new MessageProjection());
        services.AddResource("schedule", _ => new ScheduleKind(TimeZones.Default(configuration)), new ScheduleProjection());
        services.AddResource("rule", x => new RuleKind(x.GetRequiredService<ChannelCatalog>()), new RuleProjection());
        services.AddResource(
            "drill",
            x => new DrillKind(
                x.GetRequiredService<ChannelCatalog>(), x.GetRequiredService<DrillRuns>(), x.GetRequiredService<AcknowledgeLinks>(),
                TimeZones.Default(configuration), x.GetRequiredService<TimeProvider>()),
            new DrillProjection());
        services.AddSingleton(x => ChannelShapes.OfMessages(x.GetRequiredService<ChannelCatalog>(), typeof(MessageSettings)));
        services.AddSingleton(x => ChannelShapes.OfMessages(x.GetRequiredService<ChannelCatalog>(), typeof(PreviewMessage.Request)));
        services.AddSingleton<CurrentSnapshot>();
        services.AddSingleton<SnapshotHistory>();
        services.AddExpiringStreams("decision", "decision", "step", "otherway");
        services.AddSingleton<DecisionLog>();
        services.AddSingleton<ProposedConfiguration>().AddSingleton<ConfiguredParts<Rule, RuleSettings>>()
            .AddSingleton<ConfiguredParts<Message, MessageSettings>>().AddSingleton<ConfiguredParts<Schedule, ScheduleSettings>>();
        services.AddSingleton<DecisionWriter>();
        services.AddHostedService(x => x.GetRequiredService<DecisionWriter>());
        services.AddHostedService<DefaultSchedule>();
        services.AddScoped<PreviewMessage>().AddScoped<TestMessage>().AddScoped<ReadCalendar>().AddScoped<ExplainRules>()
            .AddScoped<ExplainDecisions>().AddScoped<CheckConfiguration>();
        services.AddSingleton<IWolverineExtension, Messaging>();
        return services;
    }

    public static void MapRulesModule(this IEndpointRouteBuilder routes)
    {
        var messages = routes.MapResource(routes.ServiceProvider.GetRequiredService<ResourceKind<Message, MessageSettings>>(),
            ResourceDocument.Of<MessageSettings>(MessageKind.Example));
        PreviewMessage.Map(messages);
        TestMessage.Map(messages);
        var schedules = routes.MapResource(routes.ServiceProvider.GetRequiredService<ResourceKind<Schedule, ScheduleSettings>>(),
            ResourceDocument.Of<ScheduleSettings>(ScheduleKind.Example));
        ReadCalendar.Map(schedules);
        var rules = routes.MapResource(
            routes.ServiceProvider.GetRequiredService<ResourceKind<Rule, RuleSettings>>(), ResourceDocument.Of<RuleSettings>(RuleKind.Example));
        RunDrill.Map(routes.MapResource(
            routes.ServiceProvider.GetRequiredService<ResourceKind<Drill, DrillSettings>>(),
            new ResourceDocument(typeof(DrillSettings), typeof(DrillView), DrillKind.Example)));
        ExplainRules.Map(rules);
        ExplainDecisions.Map(routes);
        CheckConfiguration.Map(routes);
    }

    private sealed class Messaging : IWolverineExtension
    {
        /// <summary>Batches are handled one after another, so that an alarm's changes are decided in the order in which they happened.</summary>
        public void Configure(WolverineOptions options) => options.LocalQueueFor<AlarmsChanged>().Sequential();
    }
}
