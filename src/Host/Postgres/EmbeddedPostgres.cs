using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Notify.Host.Postgres;

/// <summary>
/// Notify's own PostgreSQL: a private cluster in the data directory, served by the PostgreSQL that is installed on this machine, on a loopback port.
/// It runs while this object lives, is restarted if it ends unexpectedly, and survives if Notify is killed: the next start takes it over or recovers
/// it.
/// </summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    static readonly TimeSpan stopLimit = TimeSpan.FromSeconds(60);
    static readonly TimeSpan pollInterval = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan watchInterval = TimeSpan.FromMilliseconds(500);

    readonly EmbeddedPostgresOptions options;
    readonly ILogger logger;
    readonly FileStream directoryLock;
    readonly Cluster cluster;
    readonly ClusterPasswords passwords;
    readonly CancellationTokenSource stopping = new();
    int port;
    int processId;
    Task watching = Task.CompletedTask;
    bool ended;

    EmbeddedPostgres(EmbeddedPostgresOptions options, ILogger logger, FileStream directoryLock, Cluster cluster, ClusterPasswords passwords)
    {
        this.options = options;
        this.logger = logger;
        this.directoryLock = directoryLock;
        this.cluster = cluster;
        this.passwords = passwords;
    }

    /// <summary>Connection string for the role and the database that Notify uses. Stays valid while this object lives, also across restarts of the
    /// server.</summary>
    public string ConnectionString => ConnectionStringFor("notify", passwords.Notify, "notify");

    /// <summary>Connection string for the administrator of the cluster.</summary>
    public string SuperuserConnectionString => ConnectionStringFor("postgres", passwords.Superuser, "postgres");

    public int ProcessId => processId;

    /// <summary>Returns when the server answers; a recovery after a crash may take its time.</summary>
    /// <exception cref="EmbeddedPostgresException">Says what the operator can do.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(EmbeddedPostgresOptions options, ILogger logger, CancellationToken cancellation = default)
    {
        if (!OperatingSystem.IsLinux())
            throw new EmbeddedPostgresException(
                "Notify runs its own PostgreSQL on Linux only. Set ConnectionStrings:Notify to a PostgreSQL that runs elsewhere.");

        var dataDirectory = Path.GetFullPath(options.DataDirectory);
        var held = DataDirectoryLock.Acquire(dataDirectory, options.IsForCommand);
        try
        {
            var binaries = await PostgresBinaries.FindAsync(options.BinDirectory, Cluster.MajorIn(dataDirectory), cancellation);
            var account = await ServerAccount.ForAsync(Cluster.DirectoryIn(dataDirectory), cancellation);
            var made = await ClusterPasswords.LoadOrMakeAsync(dataDirectory, cancellation);
            var own = new Cluster(dataDirectory, binaries, account, made);
            await own.EnsureInitializedAsync(cancellation);

            var postgres = new EmbeddedPostgres(options, logger, held, own, made);
            if (!await postgres.TryAdoptAsync(cancellation)) await postgres.StartServerAsync(keepPort: false, cancellation);
            postgres.watching = postgres.WatchAsync(postgres.stopping.Token);
            return postgres;
        }
        catch (Exception e)
        {
            await held.DisposeAsync();
            if (e is UnauthorizedAccessException or IOException)
                throw new EmbeddedPostgresException($"The data directory {dataDirectory} cannot be used: {e.Message}", e);
            throw;
        }
    }

    /// <summary>Ends open transactions, writes everything to disk and stops the server.</summary>
    public async Task StopAsync()
    {
        if (!await EndWatchAsync()) return;
        await StopServerAsync(processId);
        await directoryLock.DisposeAsync();
        logger.LogInformation("PostgreSQL stopped");
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>Leaves the server as a killed process would: it continues unwatched, and the directory is free.</summary>
    internal async Task AbandonAsync()
    {
        if (await EndWatchAsync()) await directoryLock.DisposeAsync();
    }

    async Task<bool> EndWatchAsync()
    {
        if (ended) return false;
        ended = true;
        await stopping.CancelAsync();
        await watching;
        stopping.Dispose();
        return true;
    }

    string ConnectionStringFor(string user, string password, string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = port,
        Username = user,
        Password = password,
        Database = database,
        // So that a program that takes the port while the server is down does not get the password in clear.
        RequireAuth = "ScramSHA256",
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;

    /// <summary>Takes over a server that a killed Notify left behind. Afterwards either it serves us or none runs.</summary>
    async Task<bool> TryAdoptAsync(CancellationToken cancellation)
    {
        var processes = await cluster.ProcessesAsync(cancellation);
        if (cluster.ReadPostmaster() is { } left && processes.Contains(left.ProcessId))
        {
            if (!left.IsStopping)
            {
                (processId, port) = (left.ProcessId, left.Port);
                if (await WaitUntilReadyAsync(cancellation))
                {
                    logger.LogInformation("PostgreSQL (process {ProcessId}) was still running and is used on port {Port}", processId, port);
                    return true;
                }
            }

            logger.LogInformation("PostgreSQL (process {ProcessId}) is still stopping; waiting for it", left.ProcessId);
            await StopServerAsync(left.ProcessId);
        }

        await EndLeftoversAsync(cancellation);
        return false;
    }

    /// <summary>
    /// Ends processes whose parent was killed. A server does not start while one is left, and one that is busy with a query does not notice by
    /// itself. They cannot harm the data: the next start recovers from the log in any case.
    /// </summary>
    async Task EndLeftoversAsync(CancellationToken cancellation)
    {
        var signal = ServerSignal.Immediate;
        for (var attempt = 0; ; attempt++)
        {
            var left = await cluster.ProcessesAsync(cancellation);
            if (left.Count == 0) break;
            if (attempt == 60) signal = ServerSignal.Kill;
            foreach (var process in left) Cluster.Signal(process, signal);
            await Task.Delay(pollInterval, cancellation);
        }

        // Process ids are reused, especially in containers: the server would take the process that has this one now for its predecessor.
        cluster.DeletePostmasterFile();
    }

    async Task StartServerAsync(bool keepPort, CancellationToken cancellation)
    {
        if (!keepPort) port = cluster.LastPort() is { } last && IsFree(last) ? last : FreePort();
        for (var attempt = 1; ; attempt++)
        {
            await cluster.ConfigureAsync(port, options.Settings, cancellation);
            processId = cluster.Start();
            if (await WaitUntilReadyAsync(cancellation)) break;

            var messages = cluster.StartMessages();
            // Between our check of the port and the server's start, another program may have taken it.
            if (keepPort || attempt == 5 || IsFree(port)) throw cluster.Failed("PostgreSQL did not start", messages);
            port = FreePort();
        }

        logger.LogInformation("PostgreSQL (process {ProcessId}) serves {Directory} on port {Port}", processId, cluster.Directory, port);
    }

    /// <returns>False when the server ended, or is ending, instead of becoming ready.</returns>
    /// <exception cref="EmbeddedPostgresException">It answers, but refuses our password.</exception>
    async Task<bool> WaitUntilReadyAsync(CancellationToken cancellation)
    {
        var nextNews = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (!Cluster.IsRunning(processId)) return false;
            // Another program may answer on the port until the server has said that it has it.
            if (cluster.ReadPostmaster() is { } postmaster && postmaster.ProcessId == processId)
            {
                if (postmaster.IsStopping) return false;
                if (postmaster.Status == "ready" && await AnswersAsync(cancellation)) return true;
            }

            if (TimeProvider.System.GetElapsedTime(nextNews) > TimeSpan.FromSeconds(10))
            {
                nextNews = TimeProvider.System.GetTimestamp();
                logger.LogInformation("Waiting for PostgreSQL (process {ProcessId}) to become ready; after a crash it replays its log", processId);
            }

            try
            {
                await Task.Delay(pollInterval, cancellation);
            }
            catch (OperationCanceledException)
            {
                // Otherwise nobody would own the server, because no object is returned.
                Cluster.Signal(processId, ServerSignal.Fast);
                throw;
            }
        }
    }

    async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        try
        {
            await using var connection = new NpgsqlConnection(
                new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false, Timeout = 10 }.ConnectionString);
            await connection.OpenAsync(cancellation);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.TooManyConnections)
        {
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            throw new EmbeddedPostgresException(
                $"The PostgreSQL in {cluster.Directory} refuses the password kept in pgpass beside it. Restore that file from a backup.", e);
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    async Task StopServerAsync(int serverProcessId)
    {
        foreach (var (signal, limit) in ((ServerSignal, TimeSpan)[])[(ServerSignal.Fast, stopLimit),
            (ServerSignal.Immediate, TimeSpan.FromSeconds(10)), (ServerSignal.Kill, stopLimit)])
        {
            var start = TimeProvider.System.GetTimestamp();
            if (Cluster.IsRunning(serverProcessId)) Cluster.Signal(serverProcessId, signal);
            while (Cluster.IsRunning(serverProcessId) && TimeProvider.System.GetElapsedTime(start) < limit) await Task.Delay(pollInterval);
            if (!Cluster.IsRunning(serverProcessId)) return;
            logger.LogWarning("PostgreSQL (process {ProcessId}) did not stop within {Limit}", serverProcessId, limit);
        }
    }

    /// <summary>Starts the server again when it ends without us, on the same port: connection strings stay valid.</summary>
    async Task WatchAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                await Task.Delay(watchInterval, cancellation);
                if (Cluster.IsRunning(processId)) continue;
                logger.LogError("PostgreSQL (process {ProcessId}) exited unexpectedly; restarting it. Its log is in {Directory}/log", processId,
                    cluster.Directory);
                try
                {
                    await EndLeftoversAsync(cancellation);
                    await StartServerAsync(keepPort: true, cancellation);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    logger.LogError(e, "Restarting PostgreSQL failed; trying again");
                    await Task.Delay(TimeSpan.FromSeconds(5), cancellation);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
