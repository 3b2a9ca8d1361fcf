using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Testing;
using Npgsql;

namespace Notify.Audit.Tests.Proofs;

/// <summary>What people have signed, when something else happens to it: each on a history of its own.</summary>
public sealed class SignedWhileTests : IAsyncLifetime
{
    private readonly SignedChanges plant = new();

    public Task InitializeAsync() => plant.InitializeAsync();

    public Task DisposeAsync() => plant.DisposeAsync();

    [Fact]
    public async Task a_change_that_is_approved_while_an_export_begins_is_in_it_with_its_approval_or_not_at_all()
    {
        var key = await Verifiers.SignAsync(plant.Host);
        await using var connection = await plant.Host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await CheckpointSigner.LockAsync(connection, default);
        var exporting = plant.FileAsync("audit/export?resource=MESSAGE");
        await Eventually.GetAsync(() => ForgedEvents.ScalarAsync(
            plant.Host, "select count(*)::text from pg_locks l join pg_database d on d.oid = l.database where locktype = 'advisory' and not granted and datname = current_database()"), x => x != "0");
        (await plant.ApproveAsync(plant.Open)).Status.Should().Be(200);
        await transaction.CommitAsync();
        (await Verifiers.BothAcceptAsync(await exporting, key)).Signatures.Should().HaveCountGreaterThanOrEqualTo(2);
    }

    [Fact]
    public async Task a_signature_holds_when_its_signer_or_something_of_what_was_signed_is_erased()
    {
        await plant.Host.SendAsync("POST", $"proposals/{plant.Open}/reject");
        var second = await plant.ProposeAsync("Nobody in particular");
        (await plant.ApproveAsync(second)).Status.Should().Be(200);
        foreach (var user in (await plant.Host.GetAsync("users?search=wang.wei"))["items"]!.AsArray())
            (await plant.Host.SendAsync("DELETE", $"users/{user!["id"]}", null, "If-Match", "*")).Status.Should().Be(204);
        foreach (var subject in (string[])["The wang.wei", "wangwu"])
        {
            var erased = await plant.Host.SendAsync("POST", "audit/erasures", new { subject, reason = "Asked for it" });
            erased.Status.Should().Be(200, erased.Text);
        }

        (await plant.Host.PostAsync("audit/verify", new { }))["findings"]!.AsArray().Should().BeEmpty();
        var (_, signatures) = await Verifiers.BothAcceptAsync(await plant.FileAsync("audit/export"), await Verifiers.SignAsync(plant.Host));
        signatures.Should().HaveCount(5).And.NotContain(x => x.Contains("wang", StringComparison.Ordinal));
        signatures.Where(x => x.StartsWith("approved by user-", StringComparison.Ordinal)).Should().HaveCount(2);
        signatures.Where(x => x.Contains($"something that was erased since, or is not shown ({plant.Made})", StringComparison.Ordinal)).Should().HaveCount(2);

        (await plant.Host.ChangeAsync("update notify.mt_events set data = jsonb_set(data, '{signature,displayName}', '\"[erased]\"') "
            + $"where type = 'access.proposal_signed.v1' and stream_id = '{plant.Open}'")).Should().Be(1);
        (await plant.Host.PostAsync("audit/verify", new { }))["findings"]!.AsArray().Select(x => (string?)x!["kind"]).Should().Contain("signature");
    }
}
