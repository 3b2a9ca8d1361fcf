using System.Globalization;
using Notify.Testing;

namespace Notify.Audit.Tests.Proofs;

/// <summary>With psql in hand: whoever asks for something that needs the log is told that it is damaged.</summary>
public sealed class DamagedLogTests(TamperTests.SignedHistory history) : IClassFixture<TamperTests.SignedHistory>, IAsyncLifetime
{
    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => history.RestoreAsync();

    [Theory]
    [InlineData("audit/proof/{0}", "delete from notify.audit_node", "The log lacks the subtree 0 of height 8.")]
    [InlineData("audit/consistency?first=1", "delete from notify.audit_leaves where first = 0", "The log lacks the leaf 1.")]
    [InlineData("audit/consistency?first=1", "update notify.audit_leaves set count = -1 where first = (select max(first) from notify.audit_leaves)",
        "The log's last row, at ")]
    [InlineData("audit/export?format=csv",
        "update notify.audit_leaves set offsets = '\\x00' where first = (select max(first) from notify.audit_leaves)", "The log lacks the leaf ")]
    [InlineData("audit/export", "delete from notify.mt_events where seq_id = (select seq_id from notify.mt_events order by seq_id offset 5 limit 1)",
        "has a leaf in the log, but is not in the store.")]
    public async Task a_reader_is_told_what_is_damaged(string address, string damage, string what)
    {
        await history.ExecuteAsync(damage);
        await RefusedAsync("GET", string.Format(CultureInfo.InvariantCulture, address, history.Sequences[^1]), null, what);
    }

    [Fact]
    public async Task it_is_said_in_chinese_too()
    {
        await history.ExecuteAsync("delete from notify.audit_node");
        var refused = await history.Host.SendAsync("GET", "audit/consistency?first=1", null, "Accept-Language", "zh");
        ((string?)refused.Body["detail"]).Should().Be("历史的日志已损坏：日志缺少高度为 8 的子树 1。POST /api/v1/audit/verify 可查明原因。");
    }

    [Fact]
    public async Task nothing_is_erased_from_a_history_whose_log_is_damaged()
    {
        await history.ExecuteAsync("update notify.audit_leaves set offsets = '\\x00'");
        await RefusedAsync("POST", "audit/erasures", new { subject = "Alarm 0 55", reason = "Asked for" }, "has no leaf in the log.");
    }

    [Fact]
    public async Task a_gap_in_the_log_ends_the_search_for_a_leaf()
    {
        await history.ExecuteAsync("update notify.audit_leaves set first = first + 1000 where first = (select max(first) from notify.audit_leaves)");
        var answer = await history.Host.SendAsync("GET", string.Create(CultureInfo.InvariantCulture, $"audit/proof/{history.Sequences[^1]}"))
            .WaitAsync(TimeSpan.FromSeconds(30));
        answer.Status.Should().Be(409, answer.Text);
        ((string?)answer.Body["detail"]).Should().StartWith("No checkpoint is signed: ");
    }

    private async Task RefusedAsync(string method, string address, object? body, string what)
    {
        var refused = await history.Host.SendAsync(method, address, body);
        refused.Status.Should().Be(409, refused.Text);
        ((string?)refused.Body["detail"]).Should().Contain(what).And.EndWith("POST /api/v1/audit/verify says what is wrong.");
    }
}
