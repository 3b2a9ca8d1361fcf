using Notify.Testing;

namespace Notify.Services.Tests;

/// <summary>One Notify for the tests of a class.</summary>
public sealed class HostFixture : IAsyncLifetime
{
    public const string AppSecret = "an-app-secret-that-nobody-may-read";

    public NotifyHost Host { get; private set; } = null!;

    public async Task InitializeAsync() => Host = await NotifyHost.StartAsync();

    public async Task DisposeAsync() => await Host.DisposeAsync();

    public static string NewKey() => Guid.NewGuid().ToString();

    public static string Unique(string name) => $"{name} {Guid.NewGuid():N}";

    public Task<RestAnswer> CreateServiceAsync(params string[] accounts) => new HostFixtureOn(Host).CreateServiceAsync(accounts);

    public object Service(string name, string key, params string[] accounts) => new HostFixtureOn(Host).Service(name, key, accounts);

    public Task<List<T>> QueryAsync<T>(string sql, params object[] values) => new HostFixtureOn(Host).QueryAsync<T>(sql, values);
}

/// <summary>What tests ask of a Notify.</summary>
public sealed class HostFixtureOn(NotifyHost host)
{
    /// <summary>A service with a robot and an app, under a name that nothing else has.</summary>
    public Task<RestAnswer> CreateServiceAsync(params string[] accounts) =>
        host.SendAsync("POST", "services", Service(HostFixture.Unique("Service"), HostFixture.NewKey(), accounts));

    public object Service(string name, string key, params string[] accounts) => new
    {
        type = "wecom",
        name,
        wecom = new
        {
            sendTo = accounts.Length > 0 ? new[] { "bot", "account" } : ["bot"],
            bots = new[] { new { alias = "Line 1", webhookUrl = host.WeCom.RobotUrl(key) } },
            app = new { corpId = "ww1234567890abcdef", agentId = 1000002, secret = HostFixture.AppSecret },
            accounts = accounts.Select(x => new { account = x, name = $"Name of {x}" }),
        },
    };

    public async Task<List<T>> QueryAsync<T>(string sql, params object[] values)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(host.ConnectionString);
        await using var command = source.CreateCommand(sql);
        foreach (var value in values) command.Parameters.AddWithValue(value);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync()) rows.Add(reader.GetFieldValue<T>(0));
        return rows;
    }
}
