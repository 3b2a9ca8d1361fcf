using System.Text;
using System.Text.Json.Nodes;
using Notify.Audit.Proofs.Format;
using Notify.Kernel;
using Notify.Testing;

namespace Notify.Audit.Tests.Proofs;

/// <summary>What leaves Notify can be checked by somebody who has only the file and the public key: here by both verifiers.</summary>
public sealed class ExportTests(ExportTests.RecordedNight night) : IClassFixture<ExportTests.RecordedNight>
{
    public static TheoryData<string> Exports => ["audit/export?format=ndjson", "audit/export?format=csv", "audit/export?format=csv&resource=alarm",
        "audit/export?resource=alarm", "audit/export?from=2020-01-01T00:00:00Z&resource=rule", "receipt"];

    [Theory]
    [MemberData(nameof(Exports))]
    public async Task both_verifiers_accept_every_good_export(string address)
    {
        (await Verifiers.BothAcceptAsync(await night.FileAsync(address), night.Key)).Entries.Should().BePositive();
    }

    [Theory]
    [MemberData(nameof(Exports))]
    public async Task no_export_with_one_flipped_bit_is_accepted(string address)
    {
        var path = await night.FileAsync(address);
        var good = await File.ReadAllBytesAsync(path);
        var random = new Random(815);
        for (var i = 0; i < Flips(good.LongLength, 20_000_000, 3000); i++)
        {
            var bit = random.Next(good.Length * 8);
            byte[] changed = [.. good];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Verifiers.Check(changed, path, night.Key).Fault.Should().NotBeNull($"bit {bit} counts");
        }
    }

    [Theory]
    [MemberData(nameof(Exports))]
    public async Task the_verifier_in_python_accepts_none_either(string address)
    {
        var path = await night.FileAsync(address);
        var flips = Flips(new FileInfo(path).Length, 4_000_000, 300).ToString(System.Globalization.CultureInfo.InvariantCulture);
        (await Verifiers.PythonAsync(Path.Combine(Verifiers.Here, "mutate.py"), Verifiers.Tools, path, night.Key.ToString(), flips)).Should()
            .Be((0, "done\n"));
    }

    [Fact]
    public async Task exports_hold_what_was_erased_and_what_has_expired_as_commitments()
    {
        var lines = await File.ReadAllLinesAsync(await night.FileAsync("audit/export?format=ndjson"));
        lines.Should().Contain(x => x.Contains("\"ackUser\":{\"$commitment\":\"", StringComparison.Ordinal)).And
            .Contain(x => x.Contains("\"body\":{\"$commitment\":\"", StringComparison.Ordinal)
                && x.Contains("alarm_reported", StringComparison.Ordinal)).And
            .Contain(x => x.Contains("\"body\":{\"$commitment\":\"", StringComparison.Ordinal) && x.Contains("test_sent", StringComparison.Ordinal));
    }

    [Fact]
    public async Task an_entry_taken_out_or_told_twice_is_refused_also_by_who_could_sign_the_end_anew()
    {
        var lines = await File.ReadAllLinesAsync(await night.FileAsync("audit/export?format=ndjson"));
        string[][] forged = [[.. lines[..3], .. lines[4..]], [.. lines[..4], .. lines[3..]], [lines[0], lines[2], lines[1], .. lines[3..]],
            lines[..^1]];
        foreach (var file in forged)
            Verifiers.Check(Encoding.UTF8.GetBytes(string.Join('\n', file) + "\n"), "x.ndjson", night.Key).Fault.Should()
                .NotContain("not signed").And.NotBeNull();
    }

    [Fact]
    public async Task a_receipt_holds_the_alarm_the_decision_the_bytes_sent_and_the_answer()
    {
        var types = (await File.ReadAllLinesAsync(await night.FileAsync("receipt"))).Select(x => (string?)JsonNode.Parse(x)!["entry"]?["type"])
            .OfType<string>();
        types.Should().Equal("alarms.alarm_reported.v1", "rules.alarm_decided.v1", "delivery.notification_requested.v1",
            "delivery.attempt_started.v1", "delivery.attempt_succeeded.v1");
    }

    [Fact]
    public async Task an_inclusion_and_a_consistency_proof_hold_against_the_checkpoint()
    {
        var entry = (await night.Host.GetAsync("audit?type=alarms.alarm_reported.v1"))["items"]![0]!["sequence"]!.GetValue<long>();
        var first = Checkpoint.Parse(SignedNote.Parse((await night.Host.SendAsync("GET", "audit/checkpoint")).Text)!.Text)!;
        var proof = await night.Host.GetAsync($"audit/proof/{entry}");
        var note = SignedNote.Parse((string)proof["checkpoint"]!)!;
        note.IsSignedBy([night.Key]).Should().BeTrue();
        var checkpoint = Checkpoint.Parse(note.Text)!;
        using var parsed = CanonicalJson.Parse(Encoding.UTF8.GetBytes(Canonical(proof["entry"]!)));
        var leaf = EntryEncoding.LeafHash(parsed!.RootElement);
        Convert.ToHexStringLower(leaf).Should().Be((string)proof["leafHash"]!);
        MerkleProof.VerifyInclusion((long)proof["index"]!, checkpoint.Size, leaf, Hashes(proof), checkpoint.Root).Should().BeTrue();

        await night.Host.PostAsync("alarms", new { alarms = new[] { new { name = "One more" } } });
        var second = Checkpoint.Parse(SignedNote.Parse((await night.Host.SendAsync("GET", "audit/checkpoint")).Text)!.Text)!;
        second.Size.Should().BeGreaterThan(first.Size);
        var consistency = await night.Host.GetAsync($"audit/consistency?first={first.Size}&second={second.Size}");
        MerkleProof.VerifyConsistency(first.Size, second.Size, first.Root, second.Root, Hashes(consistency)).Should().BeTrue();
        (await night.Host.GetAsync("audit/checkpoints"))["items"]!.AsArray().Select(x => (long)x!["size"]!).Should()
            .BeInDescendingOrder().And.Contain([first.Size, second.Size]);
    }

    [Theory]
    [InlineData("audit/proof/999999999", 404)]
    [InlineData("audit/receipts/notification-unknown", 404)]
    [InlineData("audit/export?format=xml", 400)]
    [InlineData("audit/consistency?first=9&second=3", 400)]
    public async Task what_cannot_be_shown_is_refused(string address, int status) =>
        (await night.Host.SendAsync("GET", address)).Status.Should().Be(status);

    /// <summary>As many as take about the same time whatever the size: in small files nearly every byte is met.</summary>
    private static long Flips(long size, long bytes, long most) => Math.Clamp(bytes / size, 50, most);

    private static List<byte[]> Hashes(JsonObject proof) => [.. proof["path"]!.AsArray().Select(x => Convert.FromHexString((string)x!))];

    private static string Canonical(JsonNode node)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using var document = System.Text.Json.JsonDocument.Parse(node.ToJsonString());
        CanonicalJson.Write(buffer, document.RootElement);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>A night with a few alarms and what came of them.</summary>
    public sealed class RecordedNight : IAsyncLifetime
    {
        private readonly DirectoryInfo files = Directory.CreateTempSubdirectory("notify-export-");

        public NotifyHost Host { get; private set; } = null!;

        public NoteKey Key { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Host = await NotifyHost.StartAsync();
            var example = await Example.MakeAsync(Host);
            await Host.PostAsync("alarms", new
            {
                alarms = new object[]
                {
                    new { name = "Motor too hot", level = "Critical",
                        labels = new Dictionary<string, string> { ["$commitment"] = "x", ["中文"] = "\"quoted\", and\nmore", ["\"\"\"\""] = "1",
                        ["zzzzz"] = "2" }, ackUser = "张三" },
                    new { name = "=1+1", description = "\u0001\u007f😀", value = "98.50", ackUser = "wangwu" },
                    new { name = "Pump", description = "wangwu knows it" },
                },
            });
            await Eventually.GetAsync(() => Host.GetAsync("notifications?status=Delivered"), x => x["items"]!.AsArray().Count == 9);
            // Of one value a commitment is left, of one whole body, of one event nothing but its place.
            (await Host.SendAsync("POST", "audit/erasures", new { subject = "wangwu", reason = "Asked for it" })).Status.Should().Be(200);
            await Host.PostAsync(
                $"services/{example.ServiceId}/test", new { receivers = new[] { new { kind = "bot", alias = "Line 1" } }, text = "Test" });
            Key = await Verifiers.SignAsync(Host);
            (await RetentionTests.ExpireAsync(Host, "test", days: 31)).Should().BePositive();
            await Verifiers.SignAsync(Host);
        }

        public async Task DisposeAsync()
        {
            await Host.DisposeAsync();
            files.Delete(recursive: true);
        }

        public async Task<string> FileAsync(string address)
        {
            if (address == "receipt") address =
                $"notifications/{(string)(await Host.GetAsync("notifications?status=Delivered&limit=1"))["items"]![0]!["id"]!}/receipt";
            var path = Path.Combine(
                files.FullName, Guid.NewGuid().ToString("N") + (address.Contains("csv", StringComparison.Ordinal) ? ".csv" : ".ndjson"));
            await File.WriteAllBytesAsync(path, await Host.Client.GetByteArrayAsync(new Uri($"/api/v1/{address}", UriKind.Relative)));
            return path;
        }
    }
}
