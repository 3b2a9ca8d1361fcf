namespace Notify.Ui.Live;

/// <summary>Runs something when told, but not while it is running: what is told then is remembered, and it runs once more afterwards, since the
/// earlier run may have read before the change.</summary>
/// <param name="run">Must not throw.</param>
public sealed class OneAtATime(Func<Task> run)
{
    private const int Idle = 0;
    private const int Running = 1;
    private const int ToldAgain = 2;

    private readonly Lock gate = new();
    private int state = Idle;

    public void Tell()
    {
        lock (gate)
        {
            if (state != Idle)
            {
                state = ToldAgain;
                return;
            }

            state = Running;
        }

        _ = RunAsync();
    }

    private async Task RunAsync()
    {
        do await run();
        while (GoesOn());
    }

    private bool GoesOn()
    {
        lock (gate) return --state == Running;
    }
}
