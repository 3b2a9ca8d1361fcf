using System.Diagnostics;
using Notify.Audit.Proofs.Format;
using Notify.Testing;

namespace Notify.Audit.Tests.Proofs;

/// <summary>The two programs with which somebody outside checks an export.</summary>
internal static class Verifiers
{
    private static readonly ApprovalTypes types = new(
        "access.change_proposed.v1", "access.proposal_approved.v1", "access.proposal_signed.v1", "access.approval_policy_changed.v1",
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["access.emergency_requested.v1"] = "requested",
            ["access.emergency_opened.v1"] = "confirmed",
            ["access.emergency_reviewed.v1"] = "reviewed",
            ["audit.history_reviewed.v1"] = "reviewed",
        });

    public static string Here { get; } = Path.Combine(Repository.Root, "tests/Audit/Proofs");

    public static string Tools { get; } = Path.Combine(Repository.Root, "tools/verify");

    /// <summary>Signs what is new, so that the key is there and exports hold everything.</summary>
    public static async Task<NoteKey> SignAsync(NotifyHost host)
    {
        await host.SendAsync("GET", "audit/checkpoint");
        return NoteKey.Parse((string)(await host.GetAsync("audit/keys"))["keys"]![0]!["vkey"]!);
    }

    public static ExportResult Check(byte[] bytes, string path, params NoteKey[] keys)
    {
        using var stream = new MemoryStream(bytes);
        return Path.GetExtension(path) switch
        {
            ".csv" => ExportCheck.CheckCsv(stream, keys, types),
            ".json" => ProofCheck.Check(stream, keys, types),
            _ => ExportCheck.Check(stream, keys, types),
        };
    }

    public static async Task<(int Code, string Output)> PythonAsync(params string[] arguments)
    {
        using var python = Process.Start(new ProcessStartInfo("python3", arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        return (python.ExitCode, output);
    }

    /// <returns>How many entries it has, and what people have signed in it.</returns>
    public static async Task<(long Entries, IReadOnlyList<string> Signatures)> BothAcceptAsync(string path, NoteKey key)
    {
        var result = Check(await File.ReadAllBytesAsync(path), path, key);
        result.Fault.Should().BeNull();
        string[] signatures = [.. result.Signatures.Select(x => x.ToString())];
        (await PythonAsync(Path.Combine(Tools, "notify_verify.py"), path, "--key", key.ToString())).Should()
            .Be((0, $"GOOD  {result.Entries} entries of {result.Checkpoint!.Origin}, as signed at {result.Checkpoint.At:yyyy-MM-dd'T'HH:mm:ss'Z'} over {result.Checkpoint.Size} entries in all.\n{string.Concat(result.Signatures.Select(x => $"{(x.IsByKeyFile ? "BOUND " : "SIGNED")}  {x}\n"))}"));
        return (result.Entries, signatures);
    }

    /// <returns>Why, in the words of both.</returns>
    public static async Task<string> BothRefuseAsync(string path, params NoteKey[] keys)
    {
        var result = Check(await File.ReadAllBytesAsync(path), path, keys);
        result.Fault.Should().NotBeNull();
        var place = result.Line == 0 ? "" : $"line {result.Line}: ";
        var given = keys.Length == 1 ? keys[0].ToString() : $"{path}.keys";
        if (keys.Length > 1) await File.WriteAllLinesAsync(given, keys.Select(x => x.ToString()));
        (await PythonAsync(Path.Combine(Tools, "notify_verify.py"), path, "--key", given)).Should()
            .Be((1, $"BAD   {place}{result.Fault}\n"));
        return result.Fault!;
    }
}
