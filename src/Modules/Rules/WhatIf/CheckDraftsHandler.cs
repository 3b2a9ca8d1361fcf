using Marten;
using Notify.Channels;
using Notify.Contracts.Replays;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Rules.Deciding;
using Wolverine;

namespace Notify.Rules.WhatIf;

public static class CheckDraftsHandler
{
    public static async Task<DraftsChecked> Handle(
        CheckDrafts query, IQuerySession session, SnapshotHistory history, ChannelCatalog channels, IMessageBus bus, CancellationToken cancellation)
    {
        var version = await ConfigurationStamp.ReadAsync(session, cancellation);
        var errors = new Errors();
        DraftRules.Read(query.Rules, await history.GetAsync(version, bus, cancellation), channels, errors);
        return new(version, errors.ToDictionary().ToDictionary(x => x.Key, x => (IReadOnlyList<string>)x.Value, StringComparer.Ordinal));
    }
}
