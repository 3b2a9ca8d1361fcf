using System.Text.Json.Nodes;
using JasperFx.CodeGeneration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Notify.Delivery.Lanes;
using Notify.Host;
using Notify.Peers.WeCom;

namespace Notify.Testing;

/// <summary>
/// Notify in this process, on a database of its own, with a WeCom of its own: the real pipeline from HTTP to HTTP.
/// The schema is made once in the process and copied for each host.
/// </summary>
public sealed class NotifyHost : IAsyncDisposable
{
    public const string AdminKey = "ntf_test_administrator_key";

    private readonly WebApplication app;
    private readonly TestDatabase? ownDatabase;
    private readonly DirectoryInfo? ownData;

    private NotifyHost(WebApplication app, WeComStandIn weCom, TestDatabase? ownDatabase, DirectoryInfo? ownData, string connectionString,
        string dataDirectory)
    {
        (this.app, this.ownDatabase, this.ownData) = (app, ownDatabase, ownData);
        (WeCom, ConnectionString, DataDirectory) = (weCom, connectionString, dataDirectory);
        Url = app.Urls.First();
        Client = ClientWith(AdminKey);
    }

    public string Url { get; }
    public string ConnectionString { get; }
    public string DataDirectory { get; }
    public WeComStandIn WeCom { get; }

    /// <summary>With the administrator's key.</summary>
    public HttpClient Client { get; }

    public IServiceProvider Services => app.Services;

    /// <remarks>The schema is not compared with what it should be: the copy has it, and the comparison takes longer than everything else.</remarks>
    /// <param name="settings">As on the command line, without dashes: <c>Notify:WeCom:BotLimitPerMinute=0</c>.</param>
    /// <param name="sameStoreAs">A second node: on the first one's database, keys and WeCom.</param>
    public static async Task<NotifyHost> StartAsync(
        string[]? settings = null, Action<WeComOptions>? weCom = null, Action<IServiceCollection>? replace = null, NotifyHost? sameStoreAs = null)
    {
        var database = sameStoreAs is null ? await TestPostgres.CreateDatabaseAsync("notify-schema", MakeSchemaAsync) : null;
        var peer = sameStoreAs?.WeCom ?? await WeComStandIn.StartAsync(options =>
        {
            options.AcceptAnyRobot = true;
            weCom?.Invoke(options);
        });
        var data = sameStoreAs is null ? Directory.CreateTempSubdirectory("notify-test-") : null;
        var (connectionString, dataDirectory) = (
            sameStoreAs?.ConnectionString ?? database!.ConnectionString, sameStoreAs?.DataDirectory ?? data!.FullName);
        var app = await RunAsync(connectionString, dataDirectory, peer.BaseUrl, ["Notify:CreateSchema=false", .. settings ?? []], replace);
        return new NotifyHost(app, peer, database, data, connectionString, dataDirectory);
    }

    /// <summary>The product as it is, built and not started: what there is can be asked without a database.</summary>
    /// <param name="settings">As for <see cref="StartAsync"/>.</param>
    public static WebApplication Build(params string[] settings)
    {
        var data = Directory.CreateTempSubdirectory("notify-built-");
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = "Notify.Host",
            Args = ["--ConnectionStrings:Notify=Host=none", $"--Notify:DataDirectory={data.FullName}", .. settings.Select(x => $"--{x}")],
        });
        builder.AddNotifySettings([]);
        var app = builder.BuildNotify();
        data.Delete(recursive: true);
        return app;
    }

    public HttpClient ClientWith(string key) => NotifyApi.ClientOf(Url, key);

    /// <summary>Posts under <c>/api/v1/</c>; the answer must be a success.</summary>
    public Task<JsonObject> PostAsync(string path, object body) => Client.PostToAsync(path, body);

    /// <summary>Reads under <c>/api/v1/</c>; the answer must be a success.</summary>
    public Task<JsonObject> GetAsync(string path) => Client.GetFromAsync(path);

    /// <summary>What somebody with a password for the database can do.</summary>
    public Task ExecuteAsync(string sql) => ChangeAsync(sql);

    /// <inheritdoc cref="ExecuteAsync"/>
    /// <returns>How many rows it changed.</returns>
    public async Task<int> ChangeAsync(string sql)
    {
        await using var command = Services.GetRequiredService<Npgsql.NpgsqlDataSource>().CreateCommand(sql);
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>From now on the store takes no event of this type: the transaction that appends one fails.</summary>
    /// <param name="condition">SQL: of the events, as <c>new</c>, only those it holds for; null: all.</param>
    public Task RefuseAsync(string type, string? condition = null, string why = "refused for a test") => ExecuteAsync(
        $"""
        create function notify.refuse() returns trigger language plpgsql as $$ begin raise exception '{why}'; end $$;
        create trigger refuse before insert on notify.mt_events for each row when (new.type = '{type}' and ({condition ?? "true"})) execute function notify.refuse();
        """);

    public Task AcceptAgainAsync() => ExecuteAsync("drop trigger refuse on notify.mt_events; drop function notify.refuse");

    /// <summary>As if another node served all lanes that there are: what is to be sent on them waits. Returns when this node has left them.</summary>
    public Task LoseLanesAsync() => LanesAsync("node = 'nobody', lease_until = 'infinity'", served: false);

    /// <summary>The end of <see cref="LoseLanesAsync"/>. Returns when this node serves them again.</summary>
    public Task RegainLanesAsync() => LanesAsync("node = null, lease_until = '-infinity'", served: true);

    private async Task LanesAsync(string set, bool served)
    {
        var lanes = Services.GetRequiredService<HeldLanes>();
        var ids = new List<string>();
        await using var command = Services.GetRequiredService<Npgsql.NpgsqlDataSource>()
            .CreateCommand($"update notify.lane set {set} returning id");
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync()) ids.Add(reader.GetString(0));
        }

        await Eventually.GetAsync(() => Task.FromResult(ids.TrueForAll(x => lanes.Serves(x) == served)), x => x);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        if (ownDatabase is null) return;
        await WeCom.DisposeAsync();
        await ownDatabase.DisposeAsync();
        ownData?.Delete(recursive: true);
    }

    private static async Task<WebApplication> RunAsync(
        string connectionString, string data, string weCom, string[] settings, Action<IServiceCollection>? replace)
    {
        // A connection costs PostgreSQL a process. A start and a stop use as many as they get, which is a sixth of the time of a short test; with
        // half as many, a rebuild beside intake waits for one in vain on a busy machine.
        var store = new Npgsql.NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = 12 }.ConnectionString;
        string[] arguments =
        [
            "--urls=http://127.0.0.1:0", $"--ConnectionStrings:Notify={store}", $"--Notify:DataDirectory={data}",
            $"--Notify:Auth:BootstrapKey={AdminKey}", $"--Notify:WeCom:ApiBaseUrl={weCom}", $"--Notify:WeCom:AllowedOrigins:0={weCom}",
            // Tests that count what is on record read it all the time.
            "--Notify:Access:RecordReads=false", "--Logging:LogLevel:Default=Error", "--hostBuilder:reloadConfigOnChange=false",
            // What connects its pages is a tenth of what a host costs, and few tests open one.
            "--Notify:Console=false", NotifyProcess.GeneratedCode, .. settings.Select(x => $"--{x}"),
        ];
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = arguments, ApplicationName = "Notify.Host" });
        builder.AddNotifySettings(arguments);
        var app = builder.BuildNotify(services =>
        {
            services.AddSingleton<IAssemblyGenerator, CompiledOnce>();
            // What makes a stolen hash hard to guess from takes a quarter of a suite's time. A test of its own looks at the product's number.
            services.Configure<PasswordHasherOptions>(x => x.IterationCount = 1000);
            replace?.Invoke(services);
        });
        try
        {
            await app.StartAsync();
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    private static async Task MakeSchemaAsync(string connectionString)
    {
        var data = Directory.CreateTempSubdirectory("notify-test-");
        await using var app = await RunAsync(connectionString, data.FullName, "http://127.0.0.1:1", [], null);
        await app.StopAsync();
        // What the first start of a host makes by itself is not part of the schema.
        await using var source = Npgsql.NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(
            """
            truncate notify.mt_streams, notify.mt_events, notify.secret, notify.mt_doc_api_key, notify.mt_doc_schedule, notify.configuration_stamp, notify.follower_step, notify.audit_term,
              notify.audit_posting, notify.audit_span, notify.audit_leaves, notify.audit_node, notify.audit_checkpoint, notify.audit_key, notify.audit_mark, wolverine.wolverine_nodes cascade
            """);
        await command.ExecuteNonQueryAsync();
        data.Delete(recursive: true);
    }
}
