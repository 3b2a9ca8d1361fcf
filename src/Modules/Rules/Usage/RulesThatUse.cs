using Notify.Contracts.Configuration;
using Notify.Kernel.Resources;
using Wolverine;

namespace Notify.Rules.Usage;

/// <summary>Which rules and drills use a message or a schedule. Asked by message, as by other modules, since messages and schedules do not depend on
/// rules.</summary>
public static class RulesThatUse
{
    /// <param name="kind"><c>message</c> or <c>schedule</c>.</param>
    public static async Task<IReadOnlyList<ResourceUser>> FindAsync(string kind, string id, IMessageBus bus, CancellationToken cancellation) =>
        [.. (await bus.InvokeAsync<ReferencesFound>(new FindReferences(kind, id), cancellation)).Users.Select(x =>
            new ResourceUser(x.Kind, x.Id, x.Name, x.Enabled))];
}
