using Notify.Testing;

namespace Notify.Delivery.Tests.Lanes;

/// <summary>Stores of before have the codes of platforms as numbers.</summary>
public sealed class UpgradedLanesTests
{
    [Fact]
    public async Task a_block_that_an_earlier_version_recorded_is_read()
    {
        await using var first = await NotifyHost.StartAsync();
        await first.ExecuteAsync("alter table notify.lane alter column blocked_code type integer using null");
        await first.ExecuteAsync("update notify.lane set blocked_code = 93000");
        await using var upgraded = await NotifyHost.StartAsync(["Notify:CreateSchema=true"], sameStoreAs: first);
        await Example.MakeAsync(upgraded, [new { kind = "bot", alias = "Line 1" }]);
        await upgraded.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot" } } });
        await Eventually.GetAsync(() => upgraded.GetAsync("notifications?status=Delivered"), x => x["items"]!.AsArray().Count == 1);
        await upgraded.ExecuteAsync("update notify.lane set blocked_code = 'text'");
    }
}
