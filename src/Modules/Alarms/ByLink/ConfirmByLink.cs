using Notify.Contracts;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Http;
using Wolverine;

namespace Notify.Alarms.ByLink;

/// <summary>Confirms the drill to which a link in a message leads, on the same page and for the same readers as alarms are acknowledged.</summary>
public sealed class ConfirmByLink(AcknowledgeLinks links, IMessageBus bus)
{
    /// <returns>Null: the link does not lead to a drill.</returns>
    public string? RunOf(string token) =>
        links.Read(token) is { } link && link.Id.StartsWith(AcknowledgeLinks.DrillPrefix, StringComparison.Ordinal) ? link.Id : null;

    public Task<DrillDescribed> ReadAsync(string runId) => bus.InvokeAsync<DrillDescribed>(new DescribeDrill(runId));

    /// <inheritdoc cref="AcknowledgeByLink.RunAsync"/>
    public async Task<DrillDescribed> RunAsync(string token, string? name, string? note, bool signedIn, AuditContext audit)
    {
        var run = RunOf(token) ?? throw new InvalidOperationException("The link leads to no drill.");
        if (await ReadAsync(run) is { Drill: not { IsOpen: true } } over) return over;
        var link = links.FingerprintOf(token);
        var (actor, text) = AcknowledgeByLink.ReadForm(name, note, signedIn ? audit.Actor : null, link, needsNote: false);
        return await bus.InvokeAsync<DrillDescribed>(new ConfirmDrill(
            run, text, link, new Requester(actor.Id, actor.Name, actor.Kind, audit.CorrelationId, audit.SourceIp, audit.Reason, audit.Client)));
    }
}
