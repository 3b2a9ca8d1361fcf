using Marten;
using Notify.Channels;
using Notify.Channels.People;
using Notify.Contracts.People;
using Notify.Contracts.Services;
using Notify.Kernel.Resources;
using Notify.Rules.Messages;
using Notify.Rules.Schedules;
using Wolverine;

namespace Notify.Rules.Deciding;

/// <summary>The compiled configuration in force. Before each use its version is compared with the one in the database, so a change takes effect on
/// every node for every decision made after the change was confirmed.</summary>
public sealed class CurrentSnapshot(
    CurrentResources<Rule, RuleSettings> rules, CurrentResources<Message, MessageSettings> messages,
    CurrentResources<Schedule, ScheduleSettings> schedules,
    ChannelCatalog channels) : IDisposable
{
    private readonly SemaphoreSlim loading = new(1);
    private volatile RuleSnapshot? current;

    public async Task<RuleSnapshot> GetAsync(IQuerySession session, IMessageBus bus, CancellationToken cancellation) =>
        await GetAsync(await ConfigurationStamp.ReadAsync(session, cancellation), session, bus, cancellation);

    /// <param name="version">The configuration's version, just read from the database.</param>
    public async Task<RuleSnapshot> GetAsync(long version, IQuerySession session, IMessageBus bus, CancellationToken cancellation)
    {
        if (current is { } known && known.ConfigurationVersion == version) return known;
        await loading.WaitAsync(cancellation);
        try
        {
            while (current?.ConfigurationVersion != version)
            {
                var snapshot = await LoadAsync(version, session, bus, cancellation);
                // A change committed during loading may have been read in part.
                var after = await ConfigurationStamp.ReadAsync(session, cancellation);
                if (after == version) current = snapshot;
                else version = after;
            }

            return current!;
        }
        finally
        {
            loading.Release();
        }
    }

    public void Dispose() => loading.Dispose();

    private async Task<RuleSnapshot> LoadAsync(long version, IQuerySession session, IMessageBus bus, CancellationToken cancellation)
    {
        var services = await bus.InvokeAsync<ServicesDescribed>(new DescribeServices(), cancellation);
        var people = await bus.InvokeAsync<PeopleDescribed>(new DescribePeople(), cancellation);
        return new RuleSnapshot(
            version,
            (await rules.AllAsync(session, cancellation)).Select(Configured.Of),
            (await messages.AllAsync(session, cancellation)).Select(Configured.Of),
            (await schedules.AllAsync(session, cancellation)).Select(Configured.Of),
            services.Services.Select(x => ConfiguredService.Of(x, channels)),
            ConfiguredPeople.Of(people),
            channels,
            before: current);
    }
}
