using Microsoft.Extensions.Configuration;

namespace Notify.Delivery.Lanes;

/// <summary>How often a blocked lane is tried: after <c>Notify:WeCom:ProbeInterval</c> (30 s unless set), then ever more slowly, at most ten times as slow.</summary>
public sealed record ProbePolicy(TimeSpan First)
{
    public static ProbePolicy Read(IConfiguration settings) =>
        settings.GetValue("Notify:WeCom:ProbeInterval", TimeSpan.FromSeconds(30)) is var interval && interval > TimeSpan.Zero
            ? new(interval)
            : throw new InvalidOperationException("Notify:WeCom:ProbeInterval must be more than zero.");

    /// <param name="probes">So far, in vain.</param>
    /// <param name="jitter">0 to 1: a quarter less to a quarter more, so that lanes blocked together are not tried together.</param>
    public TimeSpan Delay(int probes, double jitter) => First * Math.Min(10, 1 << Math.Min(probes, 4)) * (0.75 + (jitter / 2));
}
