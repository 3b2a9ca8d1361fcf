using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Notify.Audit.Proofs.Format;
using Notify.Kernel;

namespace Notify.Audit.Tests.Proofs;

/// <summary>Files as somebody makes them who has the key of another installation, or a history with a hole: both verifiers refuse them.</summary>
public sealed class HandmadeExportTests : IDisposable
{
    private static readonly NoteSigner own = new("notify-own", [.. Enumerable.Repeat((byte)1, 32)]);
    private static readonly NoteSigner other = new("notify-other", [.. Enumerable.Repeat((byte)2, 32)]);

    private readonly DirectoryInfo files = Directory.CreateTempSubdirectory("notify-handmade-");

    public void Dispose() => files.Delete(recursive: true);

    [Fact]
    public async Task a_key_of_another_installation_signs_nothing_here_though_it_is_known()
    {
        var good = Path.Combine(files.FullName, "good.ndjson");
        await File.WriteAllBytesAsync(good, Export("{\"resource\":\"rule\"}", own, own));
        Verifiers.Check(await File.ReadAllBytesAsync(good), good, own.Key, other.Key).Fault.Should().BeNull();
        (await RefusedAsync("x.ndjson", Export("{\"resource\":\"rule\"}", other, own))).Should().Be("The checkpoint is not signed with this key.");
        (await RefusedAsync("x.ndjson", Export("{\"resource\":\"rule\"}", own, other))).Should().Be("The end is not signed with this key.");
        var proof = new JsonObject { ["checkpoint"] = CheckpointBy(other).ToString() };
        (await RefusedAsync("x.json", Encoding.UTF8.GetBytes(proof.ToJsonString()))).Should().Be("The checkpoint is not signed with this key.");
    }

    [Fact]
    public async Task where_nothing_was_filtered_nothing_is_missing()
    {
        (await RefusedAsync("x.ndjson", Export("{}", own, own))).Should().Be("Entries are missing, though nothing was filtered.");
        (await RefusedAsync("x.ndjson", Export("null", own, own))).Should().Be("The line has no filter.");
    }

    [Theory]
    [InlineData("null")]
    [InlineData("7")]
    public async Task a_proof_without_a_checkpoint_is_refused(string checkpoint) =>
        (await RefusedAsync("x.json", Encoding.UTF8.GetBytes($"{{\"checkpoint\":{checkpoint}}}"))).Should()
            .Be("The checkpoint is not signed with this key.");

    /// <summary>Of a history with one entry, which is not in it.</summary>
    private static byte[] Export(string filter, NoteSigner checkpointBy, NoteSigner endBy)
    {
        var checkpoint = Quoted(CheckpointBy(checkpointBy));
        var lines = $"{{\"filter\":{filter},\"format\":\"{ExportCheck.Format}\",\"checkpoint\":{checkpoint}}}\n"
            + $"{{\"skip\":{{\"to\":1,\"hashes\":[\"{Convert.ToHexStringLower(Root())}\"]}}}}\n";
        var end = SignedNote.Sign(ExportCheck.StatementText("notify-own", 0, SHA256.HashData(Encoding.UTF8.GetBytes(lines))), endBy);
        return Encoding.UTF8.GetBytes($"{lines}{{\"end\":{Quoted(end)}}}\n");
    }

    private static SignedNote CheckpointBy(NoteSigner signer) =>
        SignedNote.Sign(new Checkpoint("notify-own", 1, Root(), new DateTimeOffset(2026, 1, 31, 8, 0, 0, TimeSpan.Zero)).Text, signer);

    private static byte[] Root() => [.. Enumerable.Repeat((byte)3, Sha256.Size)];

    private static string Quoted(SignedNote note) => Encoding.UTF8.GetString(CanonicalJson.Quoted(note.ToString()));

    private async Task<string> RefusedAsync(string name, byte[] content)
    {
        var path = Path.Combine(files.FullName, name);
        await File.WriteAllBytesAsync(path, content);
        return await Verifiers.BothRefuseAsync(path, own.Key, other.Key);
    }
}
