using System.Globalization;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Access.ApiKeys;

/// <summary>
/// Limits the concurrent calls of each key or session (<c>Notify:Access:CallsAtOnce</c>; 0: no limit). Eight times as many wait; further ones are
/// refused with 429. A call counts until its response starts, so that a slow reader holds up nobody. Reports of alarms have their own limits
/// (<see cref="IntakeLimits"/>).
/// </summary>
public sealed class CallerLimit : IDisposable
{
    private const string Setting = "Notify:Access:CallsAtOnce";
    private const int Usual = 64;
    private const int WaitingForEach = 8;

    private readonly PartitionedRateLimiter<string>? limiter;

    /// <exception cref="StartException">The setting is not a whole number of at least 0.</exception>
    public CallerLimit(IConfiguration configuration)
    {
        var atOnce = configuration[Setting] switch
        {
            null or "" => Usual,
            var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
            var text => throw new StartException($"{Setting} is '{text}'; it must be a whole number from 0 on."),
        };
        if (atOnce > 0) limiter = PartitionedRateLimiter.Create<string, string>(caller => RateLimitPartition.GetConcurrencyLimiter(
            caller, _ => new ConcurrencyLimiterOptions
            {
                PermitLimit = atOnce,
                QueueLimit = (int)Math.Min(int.MaxValue, (long)atOnce * WaitingForEach),
            }));
    }

    /// <summary>Middleware, after authorization.</summary>
    /// <exception cref="ProblemException">429.</exception>
    public Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        // Outside /api a request can last as long as an open page.
        return limiter is null || http.GetEndpoint()?.Metadata.GetMetadata<RequiredPermission>()?.Permission == Permission.AlarmsReport
            || !http.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) || CallerOf(http.User) is not { } caller
                ? next(http) : TakeTurnAsync(limiter, caller);

        async Task TakeTurnAsync(PartitionedRateLimiter<string> limiter, string caller)
        {
            using var turn = await limiter.AcquireAsync(caller, permitCount: 1, http.RequestAborted);
            if (!turn.IsAcquired) throw new ProblemException(
                429, "Too many requests.", "Too many calls of this key or session at once. Wait for the answers, and try again shortly.")
            { RetryAfter = 1 };
            http.Response.OnStarting(
                static x =>
                {
                    ((RateLimitLease)x).Dispose();
                    return Task.CompletedTask;
                }, turn);
            await next(http);
        }
    }

    public void Dispose() => limiter?.Dispose();

    private static string? CallerOf(ClaimsPrincipal user) =>
        user.FindFirstValue(RequestAudit.SessionClaim) ?? user.FindFirstValue(ClaimTypes.NameIdentifier);
}
