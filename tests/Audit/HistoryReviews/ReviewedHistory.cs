using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Notify.Testing;

namespace Notify.Audit.Tests.HistoryReviews;

/// <summary>A history in which one person has done something, and another one who may review it.</summary>
public sealed class ReviewedHistory : IAsyncLifetime
{
    internal MovedClock Clock { get; } = new();
    public NotifyHost Host { get; private set; } = null!;
    public Browser Auditor { get; private set; } = null!;
    public Browser Boss { get; private set; } = null!;

    /// <summary>Before all of it.</summary>
    public DateTimeOffset From { get; private set; }

    public async Task InitializeAsync()
    {
        Host = await NotifyHost.StartAsync(
            ["Notify:HistoryReviews:EveryDays=30", "Notify:HistoryReviews:WithinDays=10", "Notify:SignIn:LongestHours=720"],
            replace: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Clock)));
        From = Clock.GetUtcNow().AddHours(-1);
        (Auditor, Boss) = (await Host.SignedInAsync("zhao.lei", "auditor"), await Host.SignedInAsync("boss", "administrator"));
        await Host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot", path = "Site1" } } });
        (await Boss.SendAsync("POST", "schedules", new { name = "Nights", kind = "standard" })).Status.Should().Be(201);
        // It is decided a moment later, and the clock of these tests stands: else the decision would come into a period that was read.
        await Eventually.GetAsync(() => Host.GetAsync("audit?type=rules.alarm_decided.v1"), x => x["items"]!.AsArray().Count == 1);
    }

    public async Task DisposeAsync()
    {
        Auditor.Dispose();
        Boss.Dispose();
        await Host.DisposeAsync();
    }

    public Task<RestAnswer> ReviewAsync(Browser by, DateTimeOffset to, object? filter = null, string? hash = null, DateTimeOffset? begin = null) =>
        by.SendAsync("POST", "history-reviews", new
        {
            from = begin ?? From,
            to,
            filter = filter ?? new { },
            hash,
            findings = "As the tickets say",
            signature = new { password = SigningIn.Password, meaning = "reviewed" },
        });

    public Task<RestAnswer> PeriodAsync(Browser by, DateTimeOffset to, DateTimeOffset? begin = null) => by.SendAsync(
        "GET", $"history-reviews/period?from={Uri.EscapeDataString((begin ?? From).ToString("O"))}&to={Uri.EscapeDataString(to.ToString("O"))}");

    public async Task<JsonArray> DueAsync() => (await Host.GetAsync("history-reviews/due"))["items"]!.AsArray();

    /// <summary>From each entry's proof, as somebody does who does not trust the answer.</summary>
    public async Task<(int Entries, string Hash)> RecomputeAsync(DateTimeOffset to, string type = "")
    {
        var entries = (await Host.Client.GetAllFromAsync($"audit?from={Uri.EscapeDataString(From.ToString("O"))}&to={Uri.EscapeDataString(to.ToString("O"))}"))
            .Where(x => ((string)x["type"]!).StartsWith(type, StringComparison.Ordinal)).ToList();
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var entry in entries)
            digest.AppendData(Convert.FromHexString((string)(await Host.GetAsync($"audit/proof/{entry["sequence"]}"))["leafHash"]!));
        return (entries.Count, Convert.ToHexStringLower(digest.GetHashAndReset()));
    }

    public Task<JsonObject> AlarmAsync(string state) =>
        Eventually.GetAsync(() => Host.GetAsync($"alarms?path=Notify/Audit/Review&state={state}"), x => x["items"]!.AsArray().Count == 1);

    public async Task<List<string>> FindingsAsync() =>
        [.. (await Host.PostAsync("audit/verify", new { }))["findings"]!.AsArray().Where(x => (string?)x!["kind"] == "signature").Select(x => x!.ToJsonString())];

    public async Task<List<string?>> ReviewsAsync() => [.. (await Host.GetAsync("history-reviews"))["items"]!.AsArray().Select(x => (string?)x!["id"])];
}
