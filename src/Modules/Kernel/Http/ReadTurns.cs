using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace Notify.Kernel.Http;

/// <summary>
/// Limits concurrent readers, so that the pool always has connections left for intake, decisions and delivery. A read request holds its turn until
/// its answer starts: by then everything has been read, and a slow client blocks nobody. What is longer than an answer built in memory (exports,
/// reports) is read page by page, each in its own turn, which ends before the page is written.
/// </summary>
public sealed class ReadTurns : IDisposable
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Notify:Database";

    /// <summary>Marks an endpoint that reads and needs no turn.</summary>
    public sealed class Free;

    /// <summary>Connections of one request: few ever hold a second one.</summary>
    private const int ConnectionsOfOne = 2;

    private readonly SemaphoreSlim readers;
    private readonly SemaphoreSlim pages;
    private readonly SemaphoreSlim open;

    /// <summary>Ensures that one caller never has all turns.</summary>
    private readonly PartitionedRateLimiter<string> shares;

    private readonly TimeSpan patience;

    public ReadTurns(NpgsqlDataSource database, IConfiguration configuration)
    {
        var settings = configuration.GetSection(Section);
        // At least a third of the pool is reserved for others.
        var most = Math.Max(1, new NpgsqlConnectionStringBuilder(database.ConnectionString).MaxPoolSize * 2 / 3);
        var pageReaders = Math.Clamp(settings.GetValue("Exporters", 3), 1, most);
        var all = Math.Clamp(settings.GetValue("Readers", 8), 1, Math.Max(1, (most - pageReaders) / ConnectionsOfOne));
        readers = new(all);
        shares = PartitionedRateLimiter.Create<string, string>(caller => RateLimitPartition.GetConcurrencyLimiter(
            caller, _ => new ConcurrencyLimiterOptions { PermitLimit = Math.Max(1, all * 3 / 4), QueueLimit = int.MaxValue }));
        pages = new(pageReaders);
        open = new(Math.Max(1, settings.GetValue("OpenExports", 100)));
        patience = settings.GetValue("ReadPatience", TimeSpan.FromSeconds(5));
    }

    /// <summary>How many more requests may read now.</summary>
    public int ReadersLeft => readers.CurrentCount;

    /// <summary>Middleware, after the caller is known.</summary>
    /// <exception cref="ProblemException">503: too many requests were reading for too long.</exception>
    public Task InvokeAsync(HttpContext http, RequestDelegate next) =>
        // Anonymous endpoints (health, metrics, the API's description) must answer even if all turns are taken.
        !(HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)) || http.GetEndpoint() is not { } endpoint
        || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null || endpoint.Metadata.GetMetadata<Free>() is not null
            ? next(http) : ReadAsync(http, next);

    private async Task ReadAsync(HttpContext http, RequestDelegate next)
    {
        using var share = http.User.FindFirst(ClaimTypes.NameIdentifier) is { } caller ? await ShareAsync(caller.Value, http.RequestAborted) : null;
        using var turn = await TakeAsync(readers, patience, http.RequestAborted, share);
        http.Response.OnStarting(
            static x =>
            {
                ((Turn)x).Dispose();
                return Task.CompletedTask;
            }, turn);
        await next(http);
    }

    /// <summary>Held for a long answer from before its beginning until its client has all of it, since each holds a page in memory.</summary>
    /// <exception cref="ProblemException">503: too many are open.</exception>
    public Task<IDisposable> OpenAsync(CancellationToken cancellation) => TakeAsync(open, TimeSpan.Zero, cancellation);

    /// <summary>Held while the first page of a long answer is read, before its first byte is sent; release it before the page is written.</summary>
    /// <exception cref="ProblemException">503: too many requests were reading for too long.</exception>
    public Task<IDisposable> FirstPageAsync(CancellationToken cancellation) => TakeAsync(pages, patience, cancellation);

    /// <summary>Held while a later page is read: an answer that has begun continues, however long it waits.</summary>
    public Task<IDisposable> NextPageAsync(CancellationToken cancellation) => TakeAsync(pages, Timeout.InfiniteTimeSpan, cancellation);

    public void Dispose()
    {
        readers.Dispose();
        pages.Dispose();
        open.Dispose();
        shares.Dispose();
    }

    /// <param name="share">Released together with the turn.</param>
    private static async Task<IDisposable> TakeAsync(
        SemaphoreSlim turns, TimeSpan patience, CancellationToken cancellation, RateLimitLease? share = null) =>
        await turns.WaitAsync(patience, cancellation) ? new Turn(turns, share) : throw TooMany();

    private async Task<RateLimitLease> ShareAsync(string caller, CancellationToken cancellation)
    {
        var lease = shares.AttemptAcquire(caller);
        if (lease.IsAcquired) return lease;
        if (patience <= TimeSpan.Zero) throw TooMany();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        ending.CancelAfter(patience);
        try
        {
            return await shares.AcquireAsync(caller, permitCount: 1, ending.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw TooMany();
        }
    }

    private static ProblemException TooMany() => ProblemException.Unavailable(
        "Too many concurrent reads. Alarms are still accepted and delivered; try again shortly.", retryAfterSeconds: 5);

    private sealed class Turn(SemaphoreSlim turns, RateLimitLease? share) : IDisposable
    {
        private int given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref given, 1) != 0) return;
            turns.Release();
            share?.Dispose();
        }
    }
}
