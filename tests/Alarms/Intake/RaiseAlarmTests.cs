using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Notify.Contracts.Alarms;
using Notify.Testing;
using Wolverine;
using Wolverine.Runtime;

namespace Notify.Alarms.Tests.Intake;

/// <summary>What is wrong with Notify itself is an alarm like any other. Its messages can come twice, and from a node that died, late.</summary>
public sealed class RaiseAlarmTests(NotifyFixture notify) : IClassFixture<NotifyFixture>
{
    private static readonly DateTimeOffset start = new(2026, 9, 30, 4, 0, 0, TimeSpan.Zero);
    private readonly string name = NotifyFixture.NewName();

    [Fact]
    public async Task it_belongs_to_its_source_whatever_its_path_becomes()
    {
        await TellAsync("a", AlarmState.ActiveUnacked, 0);
        await TellAsync("b", AlarmState.ClearedUnacked, 1);
        var alarm = (await AlarmsAsync()).Should().ContainSingle().Subject!;
        ((string)alarm["state"]!, (string)alarm["path"]!).Should().Be(("ClearedUnacked", "Notify/b"));
    }

    [Fact]
    public async Task what_comes_twice_or_after_something_later_changes_nothing()
    {
        await TellAsync("a", AlarmState.ClearedUnacked, 1);
        await TellAsync("a", AlarmState.ActiveUnacked, 0);
        await TellAsync("a", AlarmState.ClearedUnacked, 1);
        var alarm = (await AlarmsAsync()).Should().ContainSingle().Subject!;
        alarm["state"]!.GetValue<string>().Should().Be("ClearedUnacked");
        (await notify.RecordedAsync((string)alarm["id"]!)).Should().ContainSingle();

        await TellAsync("a", AlarmState.ActiveUnacked, 2);
        (await AlarmsAsync()).Should().ContainSingle().Which!["state"]!.GetValue<string>().Should().Be("ActiveUnacked");
    }

    private Task TellAsync(string leaf, AlarmState state, int second) =>
        new MessageBus(notify.Host.Services.GetRequiredService<IWolverineRuntime>()).InvokeAsync(
        new RaiseAlarm($"source of {name}", name, $"Notify/{leaf}", AlarmLevel.High, state, "words", start.AddSeconds(second), "correlation",
        Guid.NewGuid().ToString()));

    private async Task<JsonArray> AlarmsAsync() => (await notify.Host.GetAsync($"alarms?search={Uri.EscapeDataString(name)}"))["items"]!.AsArray();
}
