using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Testing;

namespace Notify.Audit.Tests.Proofs;

/// <summary>What Notify says of its own record stays the same alarm, whatever it is called.</summary>
public sealed class OwnAlarmTests : IAsyncLifetime
{
    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task each_fault_of_the_history_is_one_alarm_by_its_source()
    {
        string[] sources = ["notify/audit/tables", "notify/audit/verification", "notify/audit/watch", $"notify/audit/signing/{Environment.MachineName}"];
        var integrity = host.Services.GetRequiredService<LogIntegrity>();
        await integrity.VerifiedAsync("a test", default);
        await integrity.TablesAsync("a test", default);
        await integrity.ReportAsync("a test", default);
        await integrity.UnwatchedAsync("a test", default);
        await Eventually.GetAsync(() => SourcesAsync(""), x => x.Count == sources.Length);
        (await SourcesAsync("")).Should().BeEquivalentTo(sources);

        await integrity.VerifiedAsync(null, default);
        await integrity.TablesAsync(null, default);
        await integrity.SigningWorksAsync(default);
        await integrity.WatchedAsync(default);
        await Eventually.GetAsync(() => SourcesAsync("&state=ClearedUnacked"), x => x.Count == sources.Length);
        (await SourcesAsync("")).Should().BeEquivalentTo(sources, "what is over is the same that was raised");
    }

    [Fact]
    public async Task what_is_raised_while_it_is_asked_whether_it_is_over_can_be_ended()
    {
        const string Source = "notify/test";
        using var answers = new ManualResetEventSlim();
        var asked = new TaskCompletionSource();
        var alarms = ActivatorUtilities.CreateInstance<OwnAlarms>(host.Services, OwnAlarmQuestion.Of(
            source =>
            {
                asked.SetResult();
                answers.Wait();
                return new AskOwnAlarm(source);
            },
            (OwnAlarmAnswered x) => x.IsActive));
        var over = Task.Run(() => alarms.TellAsync(Source, null, Message(AlarmState.ClearedUnacked)));
        await asked.Task;
        var raised = alarms.TellAsync(Source, "a test", Message(AlarmState.ActiveUnacked));
        answers.Set();
        await Task.WhenAll(over, raised);
        (await alarms.TellAsync(Source, null, Message(AlarmState.ClearedUnacked))).Should().BeTrue("nobody else ends it");

        static RaiseAlarm Message(AlarmState state) => new(Source, "A test", "Notify/Test", AlarmLevel.Low, state, "");
    }

    [Fact]
    public async Task a_node_ends_what_another_has_raised_since_it_said_that_all_is_well()
    {
        var here = host.Services.GetRequiredService<LogIntegrity>();
        var there = ActivatorUtilities.CreateInstance<LogIntegrity>(
            host.Services, ActivatorUtilities.CreateInstance<OwnAlarms>(host.Services));
        foreach (var (i, (raises, ends)) in new[] { (here, there), (there, here), (there, here), (here, there) }.Index())
        {
            await raises.UnwatchedAsync($"test {i}", default);
            (await Eventually.GetAsync(() => SourcesAsync("&state=ActiveUnacked"), x => x.Count > 0)).Should().Equal("notify/audit/watch");
            await ends.WatchedAsync(default);
            (await Eventually.GetAsync(() => SourcesAsync("&state=ClearedUnacked"), x => x.Count > 0)).Should().Equal("notify/audit/watch");
        }
    }

    private async Task<List<string?>> SourcesAsync(string more) =>
        [.. (await host.GetAsync($"alarms?path=Notify/Audit{more}"))["items"]!.AsArray().Select(x => (string?)x!["sourceId"])];
}
