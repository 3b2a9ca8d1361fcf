using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Access.ApiKeys;

/// <summary>
/// Limits the requests with which one key reports alarms: per second (<c>Notify:Intake:PerKeyPerSecond</c>) and concurrently
/// (<c>Notify:Intake:PerKeyAtOnce</c>); 0: no limit. The defaults are so high that only a runaway sender reaches them; other senders are not
/// affected.
/// </summary>
public sealed class IntakeLimits : IDisposable
{
    private const string Section = "Notify:Intake";

    private readonly PartitionedRateLimiter<string>? limiter;

    /// <exception cref="StartException">A setting is not a whole number of at least 0.</exception>
    public IntakeLimits(IConfiguration configuration)
    {
        var (perSecond, atOnce) = (Read(configuration, "PerKeyPerSecond", 10_000), Read(configuration, "PerKeyAtOnce", 1_000));
        var limiters = new List<PartitionedRateLimiter<string>>();
        if (atOnce > 0)
        {
            limiters.Add(PartitionedRateLimiter.Create<string, string>(key => RateLimitPartition.GetConcurrencyLimiter(
                key, _ => new ConcurrencyLimiterOptions { PermitLimit = atOnce })));
        }

        if (perSecond > 0)
        {
            limiters.Add(PartitionedRateLimiter.Create<string, string>(key => RateLimitPartition.GetTokenBucketLimiter(
                key,
                _ => new TokenBucketRateLimiterOptions
                {
                    TokenLimit = perSecond,
                    TokensPerPeriod = perSecond,
                    ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                })));
        }

        if (limiters.Count > 0) limiter = PartitionedRateLimiter.CreateChained([.. limiters]);
    }

    /// <summary>Middleware, after authorization.</summary>
    /// <exception cref="ProblemException">429.</exception>
    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        if (limiter is null || http.GetEndpoint()?.Metadata.GetMetadata<RequiredPermission>()?.Permission != Permission.AlarmsReport)
        {
            await next(http);
            return;
        }

        using var lease = limiter.AttemptAcquire(http.Audit().Actor.Id);
        if (!lease.IsAcquired) throw new ProblemException(
            429, "Too many requests.", "This key reports more than one sender may. Report several alarms in one request, and try again shortly.")
        { RetryAfter = 1 };
        await next(http);
    }

    public void Dispose() => limiter?.Dispose();

    private static int Read(IConfiguration configuration, string name, int usual) => configuration[$"{Section}:{name}"] switch
    {
        null or "" => usual,
        var text when int.TryParse(text, out var number) && number >= 0 => number,
        var text => throw new StartException($"{Section}:{name} is '{text}'; it must be a whole number from 0 on."),
    };
}
