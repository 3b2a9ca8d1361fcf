using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace Notify.Kernel.Http;

/// <summary>
/// Whoever reads takes turns, so that the pool always has connections left for intake, decisions and delivery. A request that reads has its turn
/// until its answer begins to leave: by then everything has been read, and a caller who takes it slowly, or never, is in nobody's way. What is longer
/// than an answer that is made in memory (exports, reports) is read page by page, each in a turn of its own and while nothing is written.
/// </summary>
public sealed class ReadTurns : IDisposable
{
    /// <summary>The settings' section.</summary>
    public const string Section = "Notify:Database";

    /// <summary>Marks an endpoint that reads and needs no turn.</summary>
    public sealed class Free;

    /// <summary>Of a request: few ever hold a second connection beside the first.</summary>
    private const int ConnectionsOfOne = 2;

    private readonly SemaphoreSlim readers;
    private readonly SemaphoreSlim pages;
    private readonly SemaphoreSlim open;
    private readonly TimeSpan patience;

    public ReadTurns(NpgsqlDataSource database, IConfiguration configuration)
    {
        var settings = configuration.GetSection(Section);
        // At least a third of the pool is never a reader's.
        var most = Math.Max(1, new NpgsqlConnectionStringBuilder(database.ConnectionString).MaxPoolSize * 2 / 3);
        var pageReaders = Math.Clamp(settings.GetValue("Exporters", 3), 1, most);
        readers = new(Math.Clamp(settings.GetValue("Readers", 8), 1, Math.Max(1, (most - pageReaders) / ConnectionsOfOne)));
        pages = new(pageReaders);
        open = new(Math.Max(1, settings.GetValue("OpenExports", 100)));
        patience = settings.GetValue("ReadPatience", TimeSpan.FromSeconds(5));
    }

    /// <summary>How many requests may read at this moment.</summary>
    public int ReadersLeft => readers.CurrentCount;

    /// <summary>Middleware, after the caller is known.</summary>
    /// <exception cref="ProblemException">503: so many read already, and it did not change in time.</exception>
    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        // What is open to everyone (health, figures, the API's description) says how things are also when all turns are taken.
        if (!(HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)) || http.GetEndpoint() is not { } endpoint
            || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null || endpoint.Metadata.GetMetadata<Free>() is not null)
        {
            await next(http);
            return;
        }

        using var turn = await TakeAsync(readers, patience, http.RequestAborted);
        http.Response.OnStarting(
            static x =>
            {
                ((Turn)x).Dispose();
                return Task.CompletedTask;
            }, turn);
        await next(http);
    }

    /// <summary>For something long, from before it begins until its reader has all of it: each makes Notify hold a page in memory.</summary>
    /// <exception cref="ProblemException">503: so many are open already.</exception>
    public Task<IDisposable> OpenAsync(CancellationToken cancellation) => TakeAsync(open, TimeSpan.Zero, cancellation);

    /// <summary>For one page of something long, before its first byte; to be given back before it is written.</summary>
    /// <exception cref="ProblemException">503, as above.</exception>
    public Task<IDisposable> FirstPageAsync(CancellationToken cancellation) => TakeAsync(pages, patience, cancellation);

    /// <summary>For the pages after it: what has begun continues, however long it waits.</summary>
    public Task<IDisposable> NextPageAsync(CancellationToken cancellation) => TakeAsync(pages, Timeout.InfiniteTimeSpan, cancellation);

    public void Dispose()
    {
        readers.Dispose();
        pages.Dispose();
        open.Dispose();
    }

    private static async Task<IDisposable> TakeAsync(SemaphoreSlim turns, TimeSpan patience, CancellationToken cancellation) =>
        await turns.WaitAsync(patience, cancellation)
            ? new Turn(turns)
            : throw ProblemException.Unavailable(
                "Too many concurrent reads. Alarms are still accepted and delivered; try again shortly.", retryAfterSeconds: 5);

    private sealed class Turn(SemaphoreSlim turns) : IDisposable
    {
        private int given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref given, 1) == 0) turns.Release();
        }
    }
}
