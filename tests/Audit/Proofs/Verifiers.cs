using System.Diagnostics;
using Notify.Audit.Proofs.Format;
using Notify.Testing;

namespace Notify.Audit.Tests.Proofs;

/// <summary>The two programs with which somebody outside checks an export.</summary>
internal static class Verifiers
{
    public static string Here { get; } = Path.Combine(Root(), "tests/Audit/Proofs");

    public static string Tools { get; } = Path.Combine(Root(), "tools/verify");

    /// <summary>Signs what is new, so that the key is there and exports hold everything.</summary>
    public static async Task<NoteKey> SignAsync(NotifyHost host)
    {
        await host.SendAsync("GET", "audit/checkpoint");
        return NoteKey.Parse((string)(await host.GetAsync("audit/keys"))["keys"]![0]!["vkey"]!);
    }

    public static ExportResult Check(byte[] bytes, string path, NoteKey key)
    {
        using var stream = new MemoryStream(bytes);
        return path.EndsWith(".csv", StringComparison.Ordinal) ? ExportCheck.CheckCsv(stream, [key]) : ExportCheck.Check(stream, [key]);
    }

    public static async Task<(int Code, string Output)> PythonAsync(params string[] arguments)
    {
        using var python = Process.Start(new ProcessStartInfo("python3", arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        return (python.ExitCode, output);
    }

    /// <returns>How many entries it has.</returns>
    public static async Task<long> BothAcceptAsync(string path, NoteKey key)
    {
        var result = Check(await File.ReadAllBytesAsync(path), path, key);
        result.Fault.Should().BeNull();
        (await PythonAsync(Path.Combine(Tools, "notify_verify.py"), path, "--key", key.ToString())).Should()
            .Be((0, $"GOOD  {result.Entries} entries of {result.Checkpoint!.Origin}, as signed at {result.Checkpoint.At:yyyy-MM-dd'T'HH:mm:ss'Z'} over {result.Checkpoint.Size} entries in all.\n"));
        return result.Entries;
    }

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Notify.sln"))) directory = directory.Parent!;
        return directory.FullName;
    }
}
