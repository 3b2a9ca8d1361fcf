using Marten;
using Microsoft.Extensions.Logging;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Resources;
using Npgsql;

namespace Notify.Alarms.ExpectedSources;

/// <summary>The state of one expected source.</summary>
/// <param name="HeardAt">The last report at its paths; absent: none is known.</param>
public sealed record ExpectedSourceState(string Id, ReportingState State, DateTimeOffset? HeardAt);

/// <summary>Raises an alarm of Notify's own for each expected source that has reported nothing for longer than its <c>expectEvery</c>, and clears it
/// with the next report. Every node does this; <see cref="OwnAlarms"/> explains why that is harmless.</summary>
public sealed class SourceSilenceWatch(
    CurrentResources<ExpectedSource, ExpectedSourceSettings> current, ReportsHeard reports, IDocumentStore store, NpgsqlDataSource database,
    EventReader events, OwnAlarms alarms, TimeProvider time, ILogger<SourceSilenceWatch> logger) : Worker("Expected sources", logger)
{
    private static readonly TimeSpan rest = TimeSpan.FromSeconds(3);

    private readonly Attention attention = new(time, absence: TimeSpan.FromSeconds(30));
    private IReadOnlyList<ExpectedSource> sources = [];
    private long? followed;

    /// <summary>At the last look no source existed, and everything about former ones was cleaned up.</summary>
    private bool hasNone;

    /// <summary>The states at this node's last look.</summary>
    public IReadOnlyList<ExpectedSourceState> States { get; private set; } = [];

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        await FollowAsync(cancellation);
        var (now, hasBegun) = (time.GetUtcNow(), attention.HasBegun);
        attention.Look();
        if (!hasBegun || (sources.Count == 0 && hasNone)) return rest;
        var heard = await reports.ExchangeAsync([.. sources.Select(x => x.Id)], cancellation);
        States = [.. sources.Select(x => new ExpectedSourceState(x.Id, SourceSilence.StateOf(x, heard[x.Id], attention.Since, now), heard[x.Id]))];
        foreach (var (source, state) in sources.Zip(States)) await TellAsync(source, state);
        foreach (var gone in heard.Keys.Except(sources.Select(x => x.Id), StringComparer.Ordinal).ToList())
        {
            var alarm = await AlarmTable.FindAsync(database, events, Alarm.IdOf(SourceSilence.SourceOf(gone), "", ""), cancellation);
            if (alarm is { IsActive: true }) await TellAsync(SourceSilence.Gone(gone, alarm.Facts.Path));
            alarms.Forget(SourceSilence.SourceOf(gone));
            await reports.ForgetAsync(gone, cancellation);
        }

        hasNone = sources.Count == 0;
        return rest;
    }

    private async Task FollowAsync(CancellationToken cancellation)
    {
        var version = await ConfigurationStamp.ReadAsync(database, cancellation);
        if (version == followed) return;
        await using var session = store.QuerySession();
        sources = [.. (await current.AllAsync(session, cancellation)).OrderBy(x => x.Id, StringComparer.Ordinal)];
        reports.ListenFor(
            from x in sources
            where x.Enabled && PathPattern.FaultOf(x.Settings.Path) is null
            select (x.Id, PathPattern.Parse(x.Settings.Path)));
        followed = version;
    }

    private async Task TellAsync(ExpectedSource source, ExpectedSourceState found)
    {
        switch (found.State)
        {
            // An existing alarm stays active. A node that has been running for longer may raise one.
            case ReportingState.Awaited: alarms.Forget(SourceSilence.SourceOf(source.Id)); break;
            case ReportingState.Silent: await TellAsync(SourceSilence.Raised(source, found.HeardAt)); break;
            default: await TellAsync(SourceSilence.Cleared(source, found.State)); break;
        }
    }

    private Task<bool> TellAsync(RaiseAlarm alarm) =>
        alarms.TellAsync(alarm.SourceId, alarm.State == AlarmState.ActiveUnacked ? alarm.Description : null, alarm);
}
