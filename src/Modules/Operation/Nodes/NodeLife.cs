using System.Reflection;
using System.Runtime.InteropServices;
using Marten;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;
using Npgsql;

namespace Notify.Operation.Nodes;

/// <summary>A process of Notify started. Stream <c>node-…</c>, one for each machine, so that one start's settings can be compared with the
/// last.</summary>
/// <param name="Name">The machine's.</param>
/// <param name="Version">Of the program.</param>
/// <param name="Settings">What it was started with; of secrets their fingerprints.</param>
public sealed record NodeStarted(
    string Name, int Process, string Version, string Runtime, string Database, IReadOnlyDictionary<string, string> Settings);

/// <summary>A process stopped normally. One that was killed leaves no such event.</summary>
public sealed record NodeStopped(int Process);

/// <summary>
/// Records that this process starts, with which settings and on which schema, before it does anything else; and that it stops, after everything else.
/// A process that cannot record its start does not start.
/// </summary>
public sealed class NodeLife(
    IDocumentStore store, NpgsqlDataSource database, EventBatches batches, IConfiguration configuration, MasterKey key, StoreKey storeKey,
    TimeProvider time, ILogger<NodeLife> logger) : IHostedService
{
    private static readonly TimeSpan recording = TimeSpan.FromSeconds(3);

    private readonly string stream = Ids.Derived("node", Environment.MachineName);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var audit = AuditContext.OfSystem(Guid.CreateVersion7(time.GetUtcNow()).ToString("N"), reason: "start");
        await SchemaRecord.RecordAsync(database, store, batches, audit, cancellationToken);
        await storeKey.RecordAsync(store, batches, audit, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await RecordAsync(
            new NodeStarted(
                Environment.MachineName, Environment.ProcessId, Assembly.GetEntryAssembly()?.GetName().Version?.ToString() ?? "",
                RuntimeInformation.FrameworkDescription, $"PostgreSQL {connection.PostgreSqlVersion}", ShownSettings.Of(configuration, key)),
            audit, cancellationToken);
    }

    /// <summary>On record also when the stop has taken longer than the host allows: it has a limit of its own.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(recording, time);
        try
        {
            await RecordAsync(new NodeStopped(Environment.ProcessId),
                AuditContext.OfSystem(Guid.CreateVersion7(time.GetUtcNow()).ToString("N"), reason: "stop"), limit.Token);
        }
        catch (Exception e) when (StoreFault.IsStoreDown(e) || limit.IsCancellationRequested)
        {
            logger.LogWarning("The shutdown could not be recorded: {Fault}", e.Message);
        }
    }

    private async Task RecordAsync(object @event, AuditContext audit, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var version = await Streams.VersionAsync(database, stream, cancellation);
                await using var session = store.LightweightSession();
                var events = batches.New();
                events.Append(stream, version + 1, @event, audit);
                events.QueueTo(session);
                await session.SaveChangesAsync(cancellation);
                return;
            }
            catch (Exception e) when (attempt < 10 && WriteConflict.Is(e))
            {
                // Another process of this machine starts or stops at the same moment.
            }
        }
    }
}
