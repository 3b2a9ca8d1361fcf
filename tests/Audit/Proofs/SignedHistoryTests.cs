using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Format;
using Notify.Testing;
using Npgsql;

namespace Notify.Audit.Tests.Proofs;

/// <summary>
/// What people have signed is shown with what it approved, and proven by who has only a file and the public key: here by both verifiers. What
/// somebody else has written as Notify would, so that the log has taken it in, is found by them all the same.
/// </summary>
public sealed class SignedHistoryTests : IAsyncLifetime
{
    private readonly DirectoryInfo files = Directory.CreateTempSubdirectory("notify-signed-");
    private NotifyHost host = null!;
    private Example example = null!;
    private Browser author = null!;
    private Browser approver = null!;

    /// <summary>Of the proposal that was signed by both and made, and of one that only its author has signed.</summary>
    private string made = null!, open = null!;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync();
        example = await Example.MakeAsync(host);
        (author, approver) = (await host.SignedInAsync("li.na", "administrator"), await host.SignedInAsync("wang.wei", "administrator"));
        (await host.SendAsync("PUT", "approval-policy", new { kinds = new[] { "message" }, signature = "both" }, "If-Match", "\"0\"")).Status
            .Should().Be(200);
        made = await ProposeAsync("Asked for by wangwu");
        (await ApproveAsync(made)).Status.Should().Be(200);
        open = await ProposeAsync("Another text");
    }

    public async Task DisposeAsync()
    {
        author.Dispose();
        approver.Dispose();
        await host.DisposeAsync();
        files.Delete(recursive: true);
    }

    [Fact]
    public async Task whatever_leaves_notify_proves_who_has_signed_what_of_it()
    {
        var key = await Verifiers.SignAsync(host);
        foreach (var (address, count) in new[]
        {
            ("audit/export", 3), ("audit/export?format=csv", 3), ("audit/export?resource=MESSAGE", 2), ("audit/export?resource=message", 2),
            ("audit/export?from=FROM", 3), ("audit/export?resource=user", 0), ("audit/proof/CHANGE", 2), ("audit/proof/APPROVAL", 2), ("receipt", 2),
        })
        {
            var (_, signatures) = await Verifiers.BothAcceptAsync(await FileAsync(address), key);
            signatures.Should().HaveCount(count, address);
            if (count == 0) continue;
            signatures.Where(x => x.Contains(made, StringComparison.Ordinal)).Select(x => x[..x.IndexOf(" (user-", StringComparison.Ordinal)])
                .Should().Equal(["proposed by The li.na", "approved by The wang.wei"], address);
            signatures.Should().OnlyContain(x => x.Contains("with a password: replace message \"Alarm text\"", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task an_approved_change_shows_what_was_signed_wherever_it_is_read()
    {
        var proposal = await host.GetAsync($"proposals/{made}");
        var signed = proposal["signatures"]!.ToJsonString();
        var item = (await host.GetAsync($"messages/{example.MessageId}/history"))["items"]![0]!;
        var entry = (await host.GetAsync($"audit?resource={example.MessageId}&order=desc&limit=1"))["items"]![0]!;
        foreach (var approvedBy in (JsonNode[])[item["approvedBy"]!, entry["approvedBy"]!])
        {
            ((string?)approvedBy["name"], (string?)approvedBy["proposal"]).Should().Be(("The wang.wei", made));
            approvedBy["signatures"]!.ToJsonString().Should().Be(signed);
        }

        signed.Should().NotContain(SigningIn.Password);
        proposal["signatures"]!.AsArray().Select(x => (string?)x!["meaning"]).Should().Equal("proposed", "approved");
    }

    [Theory]
    [InlineData("copied", "The signature was altered, or was made for something else.")]
    [InlineData("rehashed", "The seal of the signature was made for something else.")]
    [InlineData("own key", "The signature is not sealed with this key: Notify did not make it, or made it with another key.")]
    [InlineData("unsigned", "It was approved without the signature that the policy asked for.")]
    [InlineData("self", "Who proposed the change has approved it.")]
    [InlineData("by another", "The signature is another person's than who has it on record.")]
    [InlineData("replayed", "The signature is there twice.")]
    [InlineData("claimed", "The change names an approval that is not there.")]
    [InlineData("other content", "What is there is not what was signed.")]
    public async Task what_somebody_has_forged_is_found_by_notify_and_by_both_verifiers(string forgery, string fault)
    {
        var key = await Verifiers.SignAsync(host);
        await ForgeAsync(forgery, key);
        await Verifiers.SignAsync(host);
        var result = await host.PostAsync("audit/verify", new { });
        result["findings"]!.AsArray().Where(x => (string?)x!["kind"] == "signature").Select(x => (string?)x!["explanation"]).Should().Equal(fault);
        foreach (var address in (string[])["audit/export", "audit/export?format=csv", "audit/export?resource=FORGED", "audit/proof/LAST"])
            (await Verifiers.BothRefuseAsync(await FileAsync(address), key)).Should().Be(fault, address);
    }

    [Fact]
    public async Task a_change_that_is_approved_while_an_export_begins_is_in_it_with_its_approval_or_not_at_all()
    {
        var key = await Verifiers.SignAsync(host);
        await using var connection = await host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await CheckpointSigner.LockAsync(connection, default);
        var exporting = FileAsync("audit/export?resource=MESSAGE");
        await Eventually.GetAsync(() => ForgedEvents.ScalarAsync(
            host, "select count(*)::text from pg_locks l join pg_database d on d.oid = l.database where locktype = 'advisory' and not granted and datname = current_database()"), x => x != "0");
        (await ApproveAsync(open)).Status.Should().Be(200);
        await transaction.CommitAsync();
        (await Verifiers.BothAcceptAsync(await exporting, key)).Signatures.Should().HaveCountGreaterThanOrEqualTo(2);
    }

    [Fact]
    public async Task a_file_with_a_changed_signature_is_refused()
    {
        var key = await Verifiers.SignAsync(host);
        var path = await FileAsync("audit/proof/APPROVAL");
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path)).Replace("The wang.wei", "The li.si", StringComparison.Ordinal));
        (await Verifiers.BothRefuseAsync(path, key)).Should().Be("The entry is not the one that is proved.");
        await File.WriteAllTextAsync(path, "{\"checkpoint\":7}");
        (await Verifiers.PythonAsync(Path.Combine(Verifiers.Tools, "notify_verify.py"), path, "--key", key.ToString())).Code.Should().Be(1);
        Verifiers.Check(await File.ReadAllBytesAsync(path), path, key).Fault.Should().NotBeNull();
    }

    [Fact]
    public async Task a_signature_holds_when_its_signer_or_something_of_what_was_signed_is_erased()
    {
        await host.SendAsync("POST", $"proposals/{open}/reject");
        var second = await ProposeAsync("Nobody in particular");
        (await ApproveAsync(second)).Status.Should().Be(200);
        foreach (var user in (await host.GetAsync("users?search=wang.wei"))["items"]!.AsArray())
            (await host.SendAsync("DELETE", $"users/{user!["id"]}", null, "If-Match", "*")).Status.Should().Be(204);
        foreach (var subject in (string[])["The wang.wei", "wangwu"])
        {
            var erased = await host.SendAsync("POST", "audit/erasures", new { subject, reason = "Asked for it" });
            erased.Status.Should().Be(200, erased.Text);
        }

        (await host.PostAsync("audit/verify", new { }))["findings"]!.AsArray().Should().BeEmpty();
        var (_, signatures) = await Verifiers.BothAcceptAsync(await FileAsync("audit/export"), await Verifiers.SignAsync(host));
        signatures.Should().HaveCount(5).And.NotContain(x => x.Contains("wang", StringComparison.Ordinal));
        signatures.Where(x => x.StartsWith("approved by user-", StringComparison.Ordinal)).Should().HaveCount(2);
        signatures.Where(x => x.Contains($"something that was erased since, or is not shown ({made})", StringComparison.Ordinal)).Should().HaveCount(2);

        (await host.ChangeAsync("update notify.mt_events set data = jsonb_set(data, '{signature,displayName}', '\"[erased]\"') "
            + $"where type = 'access.proposal_signed.v1' and stream_id = '{open}'")).Should().Be(1);
        (await host.PostAsync("audit/verify", new { }))["findings"]!.AsArray().Select(x => (string?)x!["kind"]).Should().Contain("signature");
    }

    [Fact]
    public async Task the_report_of_a_review_says_who_approved_a_change_and_has_signed_it()
    {
        var now = TimeProvider.System.GetUtcNow();
        var replay = (string)(await host.PostAsync(
            "replays", new { mode = "review", from = now.AddHours(-1), to = now.AddMinutes(1), reason = "x" }))["id"]!;
        await Eventually.GetAsync(() => host.GetAsync($"replays/{replay}"), x => (string?)x["status"] == "Completed");
        var json = JsonNode.Parse(await host.Client.GetStringAsync(new Uri($"/api/v1/replays/{replay}/report", UriKind.Relative)))!;
        var approved = json["timeline"]!.AsArray().Single(x => x!["approvedBy"] is not null)!;
        ((string?)approved["resource"], (string?)approved["approvedBy"]!["proposal"]).Should().Be((example.MessageId, made));
        approved["approvedBy"]!["signatures"]!.AsArray().Select(x => (string?)x!["displayName"]).Should().Equal("The li.na", "The wang.wei");
        foreach (var (language, text) in new[] { ("en", "approved by The wang.wei, signed by The li.na (proposed"), ("zh", "批准人：The wang.wei，签名：The li.na（提交") })
        {
            (await host.Client.GetStringAsync(new Uri($"/api/v1/replays/{replay}/report?format=html&lang={language}", UriKind.Relative)))
                .Should().Contain(text);
        }
    }

    /// <summary>Signed by its author.</summary>
    private async Task<string> ProposeAsync(string description)
    {
        var message = await host.GetAsync($"messages/{example.MessageId}");
        message["description"] = description;
        var proposed = await author.SendAsync("PUT", $"messages/{example.MessageId}", message, "If-Match", "*");
        proposed.Status.Should().Be(202, proposed.Text);
        (await author.SendAsync("POST", $"proposals/{proposed.Id}/sign", new { signature = new { password = SigningIn.Password } })).Status.Should().Be(200);
        return proposed.Id;
    }

    private Task<RestAnswer> ApproveAsync(string id) =>
        approver.SendAsync("POST", $"proposals/{id}/approve", new { signature = new { password = SigningIn.Password } });

    /// <summary>Writes an event as Notify would write it, so that the log takes it in.</summary>
    private async Task ForgeAsync(string forgery, NoteKey key)
    {
        var approval = await ForgedEvents.ReadAsync(host, made, "access.proposal_approved.v1");
        var (by, signature) = ((string)approval["user"]!, approval["data"]!["signature"]!.AsObject());
        var author = await ForgedEvents.ReadAsync(host, open, "access.change_proposed.v1");
        var (version, stream) = (3, open);
        switch (forgery)
        {
            case "rehashed" or "own key":
                signature["content"] = ForgedEvents.Sha256(author["data"]!.ToJsonString());
                signature["hash"] = ForgedEvents.HashOf(signature, "proposal", open);
                if (forgery == "rehashed") break;
                using (var random = RandomNumberGenerator.Create())
                {
                    var secret = new byte[32];
                    random.GetBytes(secret);
                    var text = SignatureSeal.TextOf(
                        key.Name, open, Text("leaf"), Text("content"), Text("signer"), Text("signedAt"), Text("meaning"), Text("method"), Text("hash"));
                    signature["seal"] = SignedNote.Sign(text, new NoteSigner(key.Name, secret)).ToString();
                }

                break;
            case "self":
                (by, signature) = ((string)author["user"]!, (await ForgedEvents.ReadAsync(host, open, "access.proposal_signed.v1"))["data"]!["signature"]!.AsObject());
                break;
            case "by another":
                signature = (await ForgedEvents.ReadAsync(host, open, "access.proposal_signed.v1"))["data"]!["signature"]!.AsObject();
                break;
            case "replayed":
                (stream, version) = (made, 4);
                break;
            case "claimed":
                await ForgedEvents.AppendAsync(host, example.MessageId, 3, "rules.message_disabled.v1", "{}", by, $$"""{"proposal":"{{open}}","approved-by":"{{by}}","by":"The wang.wei"}""");
                return;
            case "other content":
                // A proposal of the forger's own in the place of the one that was signed: nothing of Notify's is changed.
                (stream, version) = ("proposal-forged", 2);
                author["data"]!["name"] = "Forged";
                await ForgedEvents.AppendAsync(host, stream, 1, "access.change_proposed.v1", author["data"]!.ToJsonString(), (string)author["user"]!, "{}");
                signature = (await SealedAsync(key, stream, signature))!;
                break;
        }

        var data = forgery == "unsigned" ? "{}" : new JsonObject { ["signature"] = signature.DeepClone() }.ToJsonString();
        await ForgedEvents.AppendAsync(host, stream, version, "access.proposal_approved.v1", data, by, "{}");

        string Text(string member) => (string)signature[member]!;
    }

    /// <summary>Somebody has had Notify seal something else than what is in the proposal.</summary>
    private async Task<JsonObject> SealedAsync(NoteKey key, string stream, JsonObject signature)
    {
        signature["content"] = ForgedEvents.Sha256("{}");
        signature["hash"] = ForgedEvents.HashOf(signature, "proposal", stream);
        await using var scope = host.Services.CreateAsyncScope();
        var bus = scope.ServiceProvider.GetRequiredService<Wolverine.IMessageBus>();
        var answer = await bus.InvokeAsync<Contracts.Audit.SignatureSealed>(new Contracts.Audit.SealSignature(
            stream, (string)signature["hash"]!, (string)signature["content"]!, (string)signature["signer"]!, (string)signature["signedAt"]!,
            (string)signature["meaning"]!, (string)signature["method"]!));
        answer.Seal.Should().Contain(key.Name);
        (signature["leaf"], signature["seal"]) = (answer.Leaf, answer.Seal);
        return signature;
    }

    private async Task<string> FileAsync(string address)
    {
        if (address == "receipt")
        {
            await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot", level = "Critical" } } });
            var sent = await Eventually.GetAsync(() => host.GetAsync("notifications?status=Delivered"), x => x["items"]!.AsArray().Count > 0);
            address = $"notifications/{sent["items"]![0]!["id"]}/receipt";
        }

        var last = "select stream_id from notify.mt_events where seq_id = (select max(seq_id) from notify.mt_events where type like 'access.proposal%' or type like 'rules.message%')";
        address = address.Replace("MESSAGE", example.MessageId, StringComparison.Ordinal)
            .Replace("FORGED", await ForgedEvents.ScalarAsync(host, last), StringComparison.Ordinal)
            .Replace("CHANGE", await NumberAsync("rules.message_changed.v1"), StringComparison.Ordinal)
            .Replace("APPROVAL", await NumberAsync("access.proposal_approved.v1"), StringComparison.Ordinal)
            .Replace("LAST", await ForgedEvents.ScalarAsync(host, last.Replace("select stream_id", "select seq_id::text", StringComparison.Ordinal)), StringComparison.Ordinal)
            .Replace("FROM", TimeProvider.System.GetUtcNow().AddHours(-1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"), StringComparison.Ordinal);
        var extension = address.Contains("csv", StringComparison.Ordinal) ? "csv" : address.Contains("/proof/", StringComparison.Ordinal) ? "json" : "ndjson";
        var path = Path.Combine(files.FullName, $"{Guid.NewGuid():N}.{extension}");
        await File.WriteAllBytesAsync(path, await host.Client.GetByteArrayAsync(new Uri($"/api/v1/{address}", UriKind.Relative)));
        return path;
    }

    private Task<string> NumberAsync(string type) => ForgedEvents.ScalarAsync(host, $"select min(seq_id)::text from notify.mt_events where type = '{type}'");
}
