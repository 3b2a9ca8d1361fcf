namespace Notify.Kernel.Resources;

/// <summary>
/// The clock of events. All events of one change of several resources have the same time, so that the configuration at any time contains either the
/// whole change or nothing of it.
/// </summary>
public sealed class ChangeClock(TimeProvider usual) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => ChangeUnderWay.Instant ?? usual.GetUtcNow();
}
