using JasperFx;
using JasperFx.CodeGeneration;
using JasperFx.Events;
using JasperFx.Resources;
using Marten;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;
using Notify.Operation;
using Npgsql;
using Weasel.Core;
using Wolverine;
using Wolverine.ErrorHandling;
using Wolverine.Marten;
using MartenSerializer = Marten.Services.SystemTextJsonSerializer;

namespace Notify.Host;

/// <summary>One event store and one message store, in one PostgreSQL.</summary>
public static class Storage
{
    /// <summary>One for all hosts of a process: what each has of its own, each compiles anew for every type.</summary>
    private static readonly MartenSerializer serializer =
        new(NotifyJson.Options) { EnumStorage = EnumStorage.AsString, Casing = Casing.CamelCase };

    private static readonly TimeSpan[] soon = [.. new[] { 50, 250, 1000, 3000 }.Select(x => TimeSpan.FromMilliseconds(x))];

    public static MasterKey KeyOf(IConfiguration configuration, ILogger<MasterKey>? logger = null) => new(
        configuration["Notify:KeyFile"] is { Length: > 0 } file ? file : Path.Combine(configuration["Notify:DataDirectory"]!, "master.key"), logger);

    public static void AddStorage(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        var configuration = builder.Configuration;
        if (FaultOf(configuration.GetConnectionString("Notify")) is { } fault) throw new StartException(fault);
        services.AddSingleton(_ => NpgsqlDataSource.Create(WithDefaults(configuration.GetConnectionString("Notify")!)));
        services.AddSingleton(x => KeyOf(configuration, x.GetRequiredService<ILogger<MasterKey>>()));
        services.AddSingleton<StoreKey>();
        services.AddSingleton<KnownSecrets>();
        services.AddSingleton<SecretVault>();
        services.AddSingleton<EventCatalog>();
        services.AddSingleton<EventBatches>();
        services.AddSingleton<ThisNode>();
        services.AddSingleton<EventReader>();
        services.AddSingleton<ReadTurns>();
        services.CheckDuration($"{ReadTurns.Section}:ReadPatience", Durations.LongestWait, mayBeZero: true);
        services.AddSingleton<IdempotencyTable>();
        services.AddSingleton<Idempotency>();
        services.AddSingleton(x => x.GetRequiredService<Idempotency>().Owned);
        services.AddOwnedTables(MessageTables.Owned);
        // Marten and Notify read the same clock, even if a test sets it.
        services.ConfigureMarten((provider, options) => options.Events.TimeProvider = new ChangeClock(provider.GetRequiredService<TimeProvider>()));

        services.AddMarten(options =>
        {
            options.DatabaseSchemaName = Database.Schema;
            options.Serializer(serializer);
            options.Events.StreamIdentity = StreamIdentity.AsString;
            // Rich: an inline snapshot sees the version and the sequence of its event.
            options.Events.AppendMode = EventAppendMode.Rich;
            options.Events.MetadataConfig.EnableAll();
            options.Events.MetadataConfig.UserNameEnabled = true;
            options.Projections.Errors.SkipApplyErrors = false;
            options.Projections.Errors.SkipSerializationErrors = false;
            options.Projections.Errors.SkipUnknownEvents = false;
            options.DisableNpgsqlLogging = true;
            options.Storage.ExtendedSchemaObjects.Add(SecretVault.Table());
            options.Storage.ExtendedSchemaObjects.Add(ConfigurationStamp.Table());
            options.Storage.ExtendedSchemaObjects.Add(IdempotencyTable.Table());
        })
        .UseNpgsqlDataSource()
        .IntegrateWithWolverine(integration => integration.MessageStorageSchemaName = MessageTables.Schema);
        // If the running role may not change the schema, it must have been created before: Notify.Host db-apply.
        if (CreatesSchema(configuration)) services.AddResourceSetupOnStartup();
        else services.ConfigureMarten(options => options.AutoCreateSchemaObjects = AutoCreate.None);
        // Before the first event, because a store without events counts as new.
        services.AddHostedService<LogBirth>();
        services.AddNodeLife();
        services.AddHostedService<SecretsInUse>();
    }

    public static bool CreatesSchema(IConfiguration configuration) => configuration.GetValue("Notify:CreateSchema", true);

    /// <summary>What is wrong with a connection string; null: nothing. Npgsql's own words would repeat parts of it, perhaps of the
    /// password.</summary>
    internal static string? FaultOf(string? connectionString)
    {
        const string wanted = "Write it as Host=db.example.com;Username=notify;Password='…';Database=notify; quotes are needed if the password contains ; or =.";
        try
        {
            return string.IsNullOrWhiteSpace(new NpgsqlConnectionStringBuilder(connectionString).Host)
                ? $"ConnectionStrings:Notify names no Host. {wanted}" : null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or InvalidCastException or KeyNotFoundException)
        {
            return connectionString!.Contains("://", StringComparison.Ordinal)
                ? $"ConnectionStrings:Notify is an address (…://), not a connection string. {wanted}"
                : $"ConnectionStrings:Notify is not a connection string. {wanted}";
        }
    }

    /// <summary>
    /// Adds defaults for what the connection string does not set. The same few dozen statements run all day: preparing them saves PostgreSQL most of
    /// its planning, which is half of its time if batches are small. A pooler in transaction mode needs <c>Max Auto Prepare=0</c>.
    /// </summary>
    private static string WithDefaults(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        if (!builder.ShouldSerialize("Max Auto Prepare")) builder.MaxAutoPrepare = 200;
        if (!builder.ShouldSerialize("Auto Prepare Min Usages")) builder.AutoPrepareMinUsages = 3;
        if (!builder.ShouldSerialize("Application Name")) builder.ApplicationName = "notify";
        // A host that fails (power, network) does not close its connections: without these settings a connection would wait for it for minutes.
        if (!builder.ShouldSerialize("Timeout")) builder.Timeout = 5;
        if (!builder.ShouldSerialize("Tcp Keepalive Time")) (builder.TcpKeepAlive, builder.TcpKeepAliveTime, builder.TcpKeepAliveInterval) = (
            true, 5, 1);
        // A node needs few connections, because writers share transactions. By default PostgreSQL has 100 for all nodes.
        if (!builder.ShouldSerialize("Maximum Pool Size")) builder.MaxPoolSize = 30;
        return builder.ConnectionString;
    }

    public static void AddMessaging(this WebApplicationBuilder builder)
    {
        builder.Host.UseWolverine(options =>
        {
            foreach (var module in Modules.All) options.Discovery.IncludeAssembly(module);
            options.MultipleHandlerBehavior = MultipleHandlerBehavior.Separated;
            options.Durability.MessageIdentity = MessageIdentity.IdAndDestination;
            options.Durability.MessageStorageSchemaName = MessageTables.Schema;
            // Handled batches are large and no longer needed: the inbox only has to keep them as long as a repeat may be under way.
            options.Durability.KeepAfterMessageHandling = TimeSpan.FromSeconds(30);
            // A single node has no others to watch, and takes over at once what a killed process left.
            if (builder.Configuration.GetValue("Notify:SingleNode", false)) options.Durability.Mode = DurabilityMode.Solo;
            // A node without a sign of life for 6 s counts as gone; with the second check and the sweep, its inbox is taken over within 15 s.
            options.Durability.HealthCheckPollingTime = TimeSpan.FromSeconds(1.5);
            options.Durability.StaleNodeTimeout = TimeSpan.FromSeconds(6);
            options.Durability.NodeReassignmentPollingTime = TimeSpan.FromSeconds(1);
            options.Durability.ScheduledJobPollingTime = TimeSpan.FromSeconds(1);
            options.Durability.OrphanedMessageSweepPollingTime = TimeSpan.FromSeconds(1);
            options.Durability.CheckAssignmentPeriod = TimeSpan.FromSeconds(2);
            options.Durability.FirstHealthCheckExecution = TimeSpan.FromMilliseconds(200);
            // A commit whose answer was lost may have left a message that no queue in memory knows.
            options.Durability.InboxStaleTime = TimeSpan.FromSeconds(30);
            options.UnknownMessageBehavior = UnknownMessageBehavior.DeadLetterQueue;
            options.UseSystemTextJsonForSerialization(json => NotifyJson.Configure(json));
            options.Policies.AutoApplyTransactions();
            options.Policies.UseDurableLocalQueues();
            options.Policies.UseDurableOutboxOnAllSendingEndpoints();
            // Without a rule, a message that fails once becomes a dead letter. A retry keeps its place in the queue, so that order is kept.
            options.Policies.OnException(StoreFault.Passes)
                .RetryWithCooldown([.. soon, .. Enumerable.Repeat(TimeSpan.FromSeconds(5), 20)]).Then.ScheduleRetryIndefinitely(
                    TimeSpan.FromSeconds(10));
            options.Policies.OnAnyException().RetryWithCooldown(soon);
            options.UseTransport(builder.Configuration);
            if (!CreatesSchema(builder.Configuration)) options.AutoBuildMessageStorageOnStartup = AutoCreate.None;
            options.CodeGeneration.TypeLoadMode = builder.Configuration.GetValue("Notify:GeneratedCode", TypeLoadMode.Dynamic);
        });
    }
}
