using Microsoft.AspNetCore.Components;
using Notify.Ui.Live;

namespace Notify.Ui.Parts;

/// <summary>
/// The base of parts that follow new events or run timers. What they begin ends with them; begun after they have gone, because something was awaited
/// before, it never begins: it would hold the part and its connection, and go on asking the API, for as long as the process runs.
/// </summary>
public abstract class LiveComponent : NotifyComponent, IDisposable
{
    private readonly List<IDisposable> owned = [];
    private bool isGone;

    [Inject]
    private LiveChanges Changes { get; set; } = null!;

    [Inject]
    private TimeProvider Clock { get; set; } = null!;

    public virtual void Dispose()
    {
        isGone = true;
        foreach (var one in owned) one.Dispose();
        owned.Clear();
        GC.SuppressFinalize(this);
    }

    /// <summary>Calls <paramref name="changed"/> when there are new events, about once a second at most.</summary>
    /// <param name="renders">Whether the part is rendered then; if not, it does so by itself if it has to.</param>
    protected void Follow(Func<Task> changed, bool renders = true)
    {
        if (!isGone) owned.Add(Changes.Subscribe(() => InvokeAsync(() => RunAsync(changed, renders))));
    }

    /// <summary>Calls <paramref name="look"/> again and again until the timer or the part is disposed. It renders by itself if it has to.</summary>
    /// <param name="first">The time until the first call; null: the interval.</param>
    protected ITimer Every(TimeSpan interval, Func<Task> look, TimeSpan? first = null)
    {
        var timer = Clock.CreateTimer(_ => _ = InvokeAsync(() => isGone ? Task.CompletedTask : look()), null, first ?? interval, interval);
        if (isGone) timer.Dispose();
        else owned.Add(timer);
        return timer;
    }

    private async Task RunAsync(Func<Task> changed, bool renders)
    {
        if (isGone) return;
        await changed();
        if (renders) StateHasChanged();
    }
}
