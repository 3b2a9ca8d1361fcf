using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Notify.Audit.Proofs.Format;
using Notify.Testing;

namespace Notify.Audit.Tests.Proofs;

/// <summary>What leaves Notify can be checked by somebody who has only the file and the public key: here by both verifiers.</summary>
public sealed class ExportTests(ExportTests.RecordedNight night) : IClassFixture<ExportTests.RecordedNight>
{
    public static TheoryData<string> Exports => ["audit/export?format=ndjson", "audit/export?format=csv", "audit/export?resource=alarm", "audit/export?from=2020-01-01T00:00:00Z&resource=rule", "receipt"];

    [Theory]
    [MemberData(nameof(Exports))]
    public async Task both_verifiers_accept_every_good_export(string address)
    {
        var path = await night.FileAsync(address);
        var result = night.Check(path);
        result.Fault.Should().BeNull();
        result.Entries.Should().BePositive();
        (await night.PythonAsync(Path.Combine(RecordedNight.Tools, "notify_verify.py"), path, "--key", night.Key.ToString())).Should()
            .Be((0, $"GOOD  {result.Entries} entries of {result.Checkpoint!.Origin}, as signed at {result.Checkpoint.At:yyyy-MM-dd'T'HH:mm:ss'Z'} over {result.Checkpoint.Size} entries in all.\n"));
    }

    [Theory]
    [MemberData(nameof(Exports))]
    public async Task no_export_with_one_flipped_bit_is_accepted(string address)
    {
        var path = await night.FileAsync(address);
        var good = await File.ReadAllBytesAsync(path);
        var random = new Random(815);
        for (var i = 0; i < 300; i++)
        {
            var bit = random.Next(good.Length * 8);
            byte[] changed = [.. good];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            night.Check(changed, path).Fault.Should().NotBeNull($"bit {bit} counts");
        }
    }

    [Theory]
    [MemberData(nameof(Exports))]
    public async Task the_verifier_in_python_accepts_none_either(string address) =>
        (await night.PythonAsync(Path.Combine(RecordedNight.Here, "mutate.py"), RecordedNight.Tools, await night.FileAsync(address), night.Key.ToString(), "100")).Should().Be((0, "done\n"));

    [Fact]
    public async Task an_entry_taken_out_or_told_twice_is_refused_also_by_who_could_sign_the_end_anew()
    {
        var lines = await File.ReadAllLinesAsync(await night.FileAsync("audit/export?format=ndjson"));
        string[][] forged = [[.. lines[..3], .. lines[4..]], [.. lines[..4], .. lines[3..]], [lines[0], lines[2], lines[1], .. lines[3..]], lines[..^1]];
        foreach (var file in forged)
            night.Check(Encoding.UTF8.GetBytes(string.Join('\n', file) + "\n"), "x.ndjson").Fault.Should().NotContain("not signed").And.NotBeNull();
    }

    [Fact]
    public async Task a_receipt_holds_the_alarm_the_decision_the_bytes_sent_and_the_answer()
    {
        var types = (await File.ReadAllLinesAsync(await night.FileAsync("receipt"))).Select(x => (string?)JsonNode.Parse(x)!["entry"]?["type"]).OfType<string>();
        types.Should().Equal("alarms.alarm_reported.v1", "rules.alarm_decided.v1", "delivery.notification_requested.v1", "delivery.attempt_started.v1", "delivery.attempt_succeeded.v1");
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
        var leaf = EntryForm.LeafHash(parsed!.RootElement);
        Convert.ToHexStringLower(leaf).Should().Be((string)proof["leafHash"]!);
        MerkleProof.VerifyInclusion((long)proof["index"]!, checkpoint.Size, leaf, Hashes(proof), checkpoint.Root).Should().BeTrue();

        await night.Host.PostAsync("alarms", new { alarms = new[] { new { name = "One more" } } });
        var second = Checkpoint.Parse(SignedNote.Parse((await night.Host.SendAsync("GET", "audit/checkpoint")).Text)!.Text)!;
        second.Size.Should().BeGreaterThan(first.Size);
        var consistency = await night.Host.GetAsync($"audit/consistency?first={first.Size}&second={second.Size}");
        MerkleProof.VerifyConsistency(first.Size, second.Size, first.Root, second.Root, Hashes(consistency)).Should().BeTrue();
        (await night.Host.GetAsync("audit/checkpoints"))["items"]!.AsArray().Select(x => (long)x!["size"]!).Should().BeInDescendingOrder().And.Contain([first.Size, second.Size]);
    }

    [Theory]
    [InlineData("audit/proof/999999999", 404)]
    [InlineData("audit/receipts/notification-unknown", 404)]
    [InlineData("audit/export?format=xml", 400)]
    [InlineData("audit/consistency?first=9&second=3", 400)]
    public async Task what_cannot_be_shown_is_refused(string address, int status) => (await night.Host.SendAsync("GET", address)).Status.Should().Be(status);

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

        public static string Here { get; } = Path.Combine(Root(), "tests/Audit/Proofs");

        public static string Tools { get; } = Path.Combine(Root(), "tools/verify");

        public NotifyHost Host { get; private set; } = null!;

        public NoteKey Key { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Host = await NotifyHost.StartAsync();
            await Example.MakeAsync(Host);
            await Host.PostAsync("alarms", new
            {
                alarms = new object[]
                {
                    new { name = "Motor too hot", level = "Critical", labels = new Dictionary<string, string> { ["$commitment"] = "x", ["中文"] = "\"quoted\", and\nmore", ["\"\"\"\""] = "1", ["zzzzz"] = "2" }, ackUser = "张三" },
                    new { name = "=1+1", description = "\u0001\u007f😀", value = "98.50" },
                },
            });
            await Eventually.GetAsync(() => Host.GetAsync("notifications?status=Delivered"), x => x["items"]!.AsArray().Count == 6);
            await Host.SendAsync("GET", "audit/checkpoint");
            Key = NoteKey.Parse((string)(await Host.GetAsync("audit/keys"))["keys"]![0]!["vkey"]!);
        }

        public async Task DisposeAsync()
        {
            await Host.DisposeAsync();
            files.Delete(recursive: true);
        }

        public async Task<string> FileAsync(string address)
        {
            if (address == "receipt") address = $"notifications/{(string)(await Host.GetAsync("notifications?status=Delivered&limit=1"))["items"]![0]!["id"]!}/receipt";
            var path = Path.Combine(files.FullName, Guid.NewGuid().ToString("N") + (address.Contains("csv", StringComparison.Ordinal) ? ".csv" : ".ndjson"));
            await File.WriteAllBytesAsync(path, await Host.Client.GetByteArrayAsync(new Uri($"/api/v1/{address}", UriKind.Relative)));
            return path;
        }

        public ExportResult Check(string path) => Check(File.ReadAllBytes(path), path);

        public ExportResult Check(byte[] bytes, string path)
        {
            using var stream = new MemoryStream(bytes);
            return path.EndsWith(".csv", StringComparison.Ordinal) ? ExportCheck.CheckCsv(stream, [Key]) : ExportCheck.Check(stream, [Key]);
        }

        public async Task<(int Code, string Output)> PythonAsync(params string[] arguments)
        {
            using var python = Process.Start(new ProcessStartInfo("python3", arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
            var output = await python.StandardOutput.ReadToEndAsync();
            await python.WaitForExitAsync();
            return (python.ExitCode, output);
        }

        private static string Root()
        {
            var directory = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(directory.FullName, "Notify.sln"))) directory = directory.Parent!;
            return directory.FullName;
        }
    }
}
