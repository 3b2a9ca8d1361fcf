using Notify.Testing;

namespace Notify.Kernel.Tests;

/// <summary>One Notify for the tests of a class.</summary>
public sealed class HostFixture : IAsyncLifetime
{
    public NotifyHost Host { get; private set; } = null!;

    public async Task InitializeAsync() => Host = await NotifyHost.StartAsync();

    public async Task DisposeAsync() => await Host.DisposeAsync();

    /// <summary>A valid message, with a name that nothing else has.</summary>
    public static object Message(string? name = null, string content = "{name}", string description = "") =>
        new { type = "wecom", name = name ?? Unique("Message"), description, format = "text", content };

    public static string Unique(string name) => $"{name} {Guid.NewGuid():N}";

    public async Task<List<T>> QueryAsync<T>(string sql, params object[] values)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(Host.ConnectionString);
        await using var command = source.CreateCommand(sql);
        foreach (var value in values) command.Parameters.AddWithValue(value);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync()) rows.Add(reader.GetFieldValue<T>(0));
        return rows;
    }
}
