using System.Collections.Concurrent;
using Notify.Channels;
using Notify.Channels.People;
using Notify.Contracts.People;
using Notify.Contracts.Services;
using Notify.Kernel.Resources;
using Notify.Rules.Messages;
using Notify.Rules.Schedules;
using Npgsql;
using Wolverine;

namespace Notify.Rules.Deciding;

/// <summary>The compiled configuration at any version, rebuilt from the events, so that past decisions can be repeated and explained.</summary>
public sealed class SnapshotHistory(
    NpgsqlDataSource database, ResourceLog<Rule, RuleSettings> rules, ResourceLog<Message, MessageSettings> messages,
    ResourceLog<Schedule, ScheduleSettings> schedules,
    ChannelCatalog channels) : IDisposable
{
    /// <summary>How many compiled versions are kept in memory; an incident rarely involves more.</summary>
    private const int Kept = 16;

    private readonly SemaphoreSlim loading = new(1);
    private volatile Log? log;

    /// <param name="Stamp">The configuration's version when the log was read. An erasure advances it too, so that nobody who was erased stays in
    /// memory.</param>
    private sealed record Log(
        long Stamp,
        IReadOnlyList<ResourceAsOf<Configured<RuleSettings>>> Rules,
        IReadOnlyList<ResourceAsOf<Configured<MessageSettings>>> Messages,
        IReadOnlyList<ResourceAsOf<Configured<ScheduleSettings>>> Schedules,
        IReadOnlyList<ResourceAsOf<ConfiguredService>> Services,
        IReadOnlyList<ResourceAsOf<PersonDescription>> People,
        IReadOnlyList<ResourceAsOf<GroupDescription>> Groups)
    {
        public ConcurrentDictionary<long, RuleSnapshot> Compiled { get; } = new();
    }

    /// <param name="version">The version of the configuration that a decision records.</param>
    public async Task<RuleSnapshot> GetAsync(long version, IMessageBus bus, CancellationToken cancellation)
    {
        var history = await LogAsync(bus, cancellation);
        if (history.Compiled.TryGetValue(version, out var known)) return known;
        var snapshot = Compile(history, version, []);
        if (history.Compiled.Count >= Kept) history.Compiled.Clear();
        return history.Compiled[version] = snapshot;
    }

    /// <summary>The same with draft rules: a draft replaces the rule with its id, or is added.</summary>
    public async Task<RuleSnapshot> GetAsync(
        long version, IReadOnlyList<Configured<RuleSettings>> drafts, IMessageBus bus, CancellationToken cancellation) =>
        drafts.Count == 0 ? await GetAsync(version, bus, cancellation) : Compile(await LogAsync(bus, cancellation), version, drafts);

    public void Dispose() => loading.Dispose();

    private RuleSnapshot Compile(Log log, long version, IReadOnlyList<Configured<RuleSettings>> drafts) => new(
        version,
        At(log.Rules, version).Where(x => drafts.All(d => d.Id != x.Id)).Concat(drafts),
        At(log.Messages, version), At(log.Schedules, version), At(log.Services, version),
        new ConfiguredPeople(At(log.People, version), At(log.Groups, version)), channels);

    private static List<T> At<T>(IReadOnlyList<ResourceAsOf<T>> steps, long version)
        where T : class
    {
        var states = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var step in steps)
        {
            if (step.ConfigurationVersion > version) continue;
            if (step.State is { } state) states[step.Id] = state;
            else states.Remove(step.Id);
        }

        return [.. states.Values];
    }

    private async Task<Log> LogAsync(IMessageBus bus, CancellationToken cancellation)
    {
        // The version that a decision records was committed before it, so everything up to that version is read from now on.
        var stamp = await ConfigurationStamp.ReadAsync(database, cancellation);
        if (log is { } known && known.Stamp == stamp) return known;
        await loading.WaitAsync(cancellation);
        try
        {
            if (log is { } loaded && loaded.Stamp >= stamp) return loaded;
            var services = await bus.InvokeAsync<ServiceHistoryDescribed>(new DescribeServiceHistory(), cancellation);
            var people = await bus.InvokeAsync<PeopleHistoryDescribed>(new DescribePeopleHistory(), cancellation);
            return log = new Log(
                stamp,
                await rules.ReadAsync(Configured.Of, cancellation),
                await messages.ReadAsync(Configured.Of, cancellation),
                await schedules.ReadAsync(Configured.Of, cancellation),
                [.. services.Steps.Select(x => new ResourceAsOf<ConfiguredService>(
                x.ConfigurationVersion, x.Id, x.Service is { } s ? ConfiguredService.Of(s, channels) : null))],
                [.. people.People.Select(x => new ResourceAsOf<PersonDescription>(x.ConfigurationVersion, x.Id, x.Person))],
                [.. people.Groups.Select(x => new ResourceAsOf<GroupDescription>(x.ConfigurationVersion, x.Id, x.Group))]);
        }
        finally
        {
            loading.Release();
        }
    }
}
