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
/// <param name="Name">The name of the machine.</param>
/// <param name="Version">The version of the program.</param>
/// <param name="Settings">The settings at the start; of secrets the fingerprints.</param>
public sealed record NodeStarted(
    string Name, int Process, string Version, string Runtime, string Database, IReadOnlyDictionary<string, string> Settings);

/// <summary>A process stopped normally. One that was killed leaves no such event.</summary>
public sealed record NodeStopped(int Process);

/// <summary>
/// Records the start of this process, with its settings and the schema, before anything else, and its stop after everything else. A process that
/// cannot record its start does not start.
/// </summary>
public sealed class NodeLife(
    IDocumentStore store, NpgsqlDataSource database, EventBatches batches, EventCatalog catalog, IConfiguration configuration, MasterKey key,
    StoreKey storeKey, TimeProvider time, ILogger<NodeLife> logger) : IHostedService
{
    private static readonly TimeSpan recording = TimeSpan.FromSeconds(3);

    private readonly string stream = Ids.Derived("node", Environment.MachineName);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var audit = AuditContext.OfSystem(Ids.NewGuid(time.GetUtcNow()).ToString("N"), reason: "start");
        await SchemaRecord.RecordAsync(database, catalog, store, batches, audit, cancellationToken);
        await storeKey.RecordAsync(store, batches, audit, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await RecordAsync(
            new NodeStarted(
                Environment.MachineName, Environment.ProcessId, Assembly.GetEntryAssembly()?.GetName().Version?.ToString() ?? "",
                RuntimeInformation.FrameworkDescription, $"PostgreSQL {connection.PostgreSqlVersion}", ShownSettings.Of(configuration, key)),
            audit, cancellationToken);
    }

    /// <summary>Has a time limit of its own, so that the stop is recorded even if stopping took longer than the host allows.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(recording, time);
        try
        {
            await RecordAsync(new NodeStopped(Environment.ProcessId),
                AuditContext.OfSystem(Ids.NewGuid(time.GetUtcNow()).ToString("N"), reason: "stop"), limit.Token);
        }
        catch (Exception e) when (StoreFault.IsStoreDown(e) || limit.IsCancellationRequested)
        {
            logger.LogWarning("The shutdown could not be recorded: {Fault}", e.Message);
        }
    }

    /// <summary>Another process of this machine may start or stop at the same moment.</summary>
    private Task RecordAsync(object @event, AuditContext audit, CancellationToken cancellation) => WriteConflict.RetryAsync(10, async () =>
    {
        var version = await Streams.VersionAsync(database, stream, cancellation);
        await using var session = store.LightweightSession();
        var events = batches.New();
        events.Append(stream, version + 1, @event, audit);
        events.QueueTo(session);
        await session.SaveChangesAsync(cancellation);
    });
}
