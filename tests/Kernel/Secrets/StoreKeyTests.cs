using Notify.Kernel.Secrets;
using Notify.Testing;

namespace Notify.Kernel.Tests.Secrets;

/// <summary>A store knows which master key it was sealed with.</summary>
public sealed class StoreKeyTests : IAsyncLifetime
{
    private readonly DirectoryInfo other = Directory.CreateTempSubdirectory("notify-test-");
    private NotifyHost host = null!;

    private string OtherKey => Path.Combine(other.FullName, "master.key");

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync();

    public async Task DisposeAsync()
    {
        await host.DisposeAsync();
        other.Delete(recursive: true);
    }

    private Task<NotifyHost> StartSecondAsync(params string[] settings) =>
        NotifyHost.StartAsync([$"Notify:KeyFile={OtherKey}", .. settings], sameStoreAs: host);

    private async Task<string> RecordedAsync() =>
        (await host.Client.GetAllFromAsync("audit?type=kernel.master_key_recorded.v1"))[^1]["data"]!["fingerprint"]!.GetValue<string>();

    [Fact]
    public async Task a_node_with_another_key_file_is_refused_changes_nothing_and_says_which_file_is_expected()
    {
        var recorded = await RecordedAsync();
        recorded.Should().Be(new MasterKey(Path.Combine(host.DataDirectory, "master.key")).Identity);
        var mine = new MasterKey(OtherKey).Identity;
        var before = await host.Client.GetAllFromAsync("audit");

        (await FluentActions.Awaiting(() => StartSecondAsync()).Should().ThrowAsync<StartException>()).Which.Message
            .Should().Contain(recorded).And.Contain(mine).And.Contain(OtherKey).And.Contain(
                Path.Combine(host.DataDirectory, "master.key")).And.Contain(Environment.MachineName);

        (await host.Client.GetAllFromAsync("audit")).Should().HaveCount(before.Count, "what is refused leaves no trace, and revokes nobody's key");
    }

    [Fact]
    public async Task no_key_file_is_made_for_a_store_that_has_a_key()
    {
        (await FluentActions.Awaiting(() => StartSecondAsync()).Should().ThrowAsync<StartException>()).Which.Message.Should()
            .Contain($"the key file {OtherKey} does not exist");
        File.Exists(OtherKey).Should().BeFalse();
    }

    [Fact]
    public async Task a_store_from_before_keys_were_recorded_refuses_a_key_that_does_not_open_its_secrets()
    {
        await Example.MakeAsync(host);
        await host.ExecuteAsync(
            "delete from notify.mt_events where stream_id = 'masterkey-notify'; delete from notify.mt_streams where id = 'masterkey-notify'");
        _ = new MasterKey(OtherKey).Identity;
        (await FluentActions.Awaiting(() => StartSecondAsync()).Should().ThrowAsync<StartException>()).Which.Message.Should().Contain(OtherKey);

        await using var second = await NotifyHost.StartAsync(sameStoreAs: host);
        (await RecordedAsync()).Should().Be(new MasterKey(Path.Combine(host.DataDirectory, "master.key")).Identity, "the right one is recorded now");
    }

    [Fact]
    public async Task a_key_that_is_lost_is_given_up_by_its_fingerprint_and_only_once()
    {
        var lost = await RecordedAsync();
        await using (await StartSecondAsync($"Notify:ReplacesKeyFile={lost}", "Notify:Auth:BootstrapKey=ntf_another_administrator_key"))
        {
            var entry = (await host.Client.GetAllFromAsync("audit?type=kernel.master_key_recorded.v1"))[^1];
            entry["data"]!["replaces"]!.GetValue<string>().Should().Be(lost);
        }

        (await FluentActions.Awaiting(() => NotifyHost.StartAsync([$"Notify:ReplacesKeyFile={lost}"], sameStoreAs: host)).Should()
            .ThrowAsync<StartException>(
            "the setting that gave the old key up does not bring it back")).Which.Message.Should().Contain(OtherKey);
    }
}
