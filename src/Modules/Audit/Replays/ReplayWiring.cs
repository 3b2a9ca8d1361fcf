using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Replays.Redelivery;
using Notify.Audit.Replays.Review;
using Notify.Audit.Replays.WhatIf;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Resources;

namespace Notify.Audit.Replays;

/// <summary>Replays of the past: to review it, to try other rules on it, to send it again.</summary>
public static class ReplayWiring
{
    public const string Requested = "audit.replay_requested.v1";
    public const string Completed = "audit.replay_completed.v1";

    public static readonly EventType[] Events =
    [
        // Not ChangesNothing, because a redelivery has effects. Whether a request had any depends on its mode.
        EventType.Of<ReplayRequested>(Requested, "Somebody requested a review, what-if or redelivery of a period, and why."),
        EventType.Of<ReplayProgressed>("audit.replay_progressed.v1", "Progress of a long replay, recorded at each quarter.") with { ChangesNothing = true },
        EventType.Of<ReplayCompleted>(Completed, "A replay completed, with its result and the fingerprints of its reports.") with
        { ChangesNothing = true },
        EventType.Of<ReplayCancelled>("audit.replay_cancelled.v1", "Somebody cancelled a replay, and why.") with { ChangesNothing = true },
        EventType.Of<ReplayReportRead>("audit.replay_report_read.v1", "Somebody fetched the report of a replay, as JSON or HTML.") with
        { ChangesNothing = true },
        EventType.Of<ReplayFailed>("audit.replay_failed.v1", "A replay failed."),
    ];

    public static readonly EventSummary[] Summaries =
    [
        new("audit.replay_requested.v1", "Replay requested: {mode}", "申请回放：{mode}"),
        new("audit.replay_progressed.v1", "Replay: {done} of {total}", "回放进度：{done} / {total}"),
        new("audit.replay_completed.v1", "Replay completed", "回放完成"),
        new("audit.replay_cancelled.v1", "Replay cancelled", "回放已取消"),
        new("audit.replay_report_read.v1", "The report of a replay was read ({format}[, {language}])", "读取回放报告（{format}[，{language}]）"),
        new("audit.replay_failed.v1", "Replay failed: {fault}", "回放失败：{fault}"),
    ];

    public static IServiceCollection AddReplays(this IServiceCollection services)
    {
        services.ConfigureMarten(options => options.Storage.ExtendedSchemaObjects.AddRange(ReplayTable.SchemaObjects()));
        services.AddOwnedTables(ReplayTable.Owned);
        services.AddExpiringStreams("replay", "replay");
        services.AddOpenStreams("replay", events => !events.Any(x => x.Data is ReplayCompleted or ReplayCancelled or ReplayFailed));
        services.AddSingleton<ReviewedEvents>();
        services.AddSingleton<ReviewReader>();
        services.AddSingleton<IReplayMode, ReviewMode>();
        services.AddSingleton<IReplayMode, WhatIfMode>();
        services.AddSingleton<IReplayMode, RedeliverMode>();
        services.AddSingleton<ReplayRunner>();
        services.AddHostedService(x => x.GetRequiredService<ReplayRunner>());
        services.AddScoped<IApprovedChanges>(x => x.GetRequiredService<PostReplay>());
        services.AddScoped<PostReplay>().AddSingleton<CancelReplay>().AddSingleton<ReadReplays>().AddSingleton<ReadReport>();
        return services;
    }

    public static void MapReplays(this IEndpointRouteBuilder routes)
    {
        var replays = routes.MapGroup("/api/v1/replays").WithTags("replays");
        PostReplay.Map(replays);
        ReadReplays.Map(replays);
        CancelReplay.Map(replays);
        ReadReport.Map(replays);
    }
}
