using Microsoft.AspNetCore.Components.Server.Circuits;

namespace Notify.Host.Shell;

/// <summary>
/// Handles everything that the browser reports to a page one after another, in the order of its arrival. Blazor does so with events, but not with the
/// report that a rendering has arrived: if that comes while the same rendering is still being finished, as on a machine under load, Blazor forgets
/// which handlers it has replaced. Then an event that is under way is lost, or an input gets back an earlier text while somebody types on in it.
/// </summary>
public sealed class InOrder : CircuitHandler
{
    private Func<Func<Task>, Task>? onPage;

    /// <summary>Called when the page begins.</summary>
    /// <param name="invoke">Runs work when nothing else is done for the page.</param>
    public void Begin(Func<Func<Task>, Task> invoke) => onPage = invoke;

    public override Func<CircuitInboundActivityContext, Task> CreateInboundActivityHandler(Func<CircuitInboundActivityContext, Task> next) =>
        context => onPage is { } invoke ? invoke(() => next(context)) : next(context);
}
