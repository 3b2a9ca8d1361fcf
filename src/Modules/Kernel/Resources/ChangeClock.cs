namespace Notify.Kernel.Resources;

/// <summary>
/// The instants of events. All events of one change of several resources have one: whoever asks what the configuration was at an instant sees the
/// change whole, or not at all.
/// </summary>
public sealed class ChangeClock(TimeProvider usual) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => ChangeUnderWay.Instant ?? usual.GetUtcNow();
}
