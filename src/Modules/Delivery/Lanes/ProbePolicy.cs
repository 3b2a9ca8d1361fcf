namespace Notify.Delivery.Lanes;

/// <summary>How often a blocked lane is tried: first after what its channel says, then ever more slowly, at most ten times as slow.</summary>
public static class ProbePolicy
{
    /// <param name="probes">So far, in vain.</param>
    /// <param name="jitter">0 to 1: a quarter less to a quarter more, so that lanes blocked together are not tried together.</param>
    public static TimeSpan Delay(TimeSpan first, int probes, double jitter) => first * Math.Min(10, 1 << Math.Min(probes, 4)) * (0.75 + (jitter / 2));
}
