namespace Notify.Delivery.Lanes;

/// <summary>How often a blocked lane is tried: first after its channel's interval, then with growing intervals, at most ten times as long.</summary>
public static class ProbePolicy
{
    /// <param name="probes">The number of failed trials so far.</param>
    /// <param name="jitter">0 to 1: 25 % less to 25 % more, so that lanes blocked together are not tried together.</param>
    public static TimeSpan Delay(TimeSpan first, int probes, double jitter) => first * Math.Min(10, 1 << Math.Min(probes, 4)) * (0.75 + (jitter / 2));
}
