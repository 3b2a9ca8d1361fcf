using System.Diagnostics;
using System.Text;

namespace Notify.Acceptance.Tests;

/// <summary>Programs of other people, found on the PATH.</summary>
internal static class Programs
{
    /// <exception cref="InvalidOperationException">It is not installed.</exception>
    public static string Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Select(x => Path.Combine(x, name))
            .FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException(
            $"This test needs {name}, which is not on the PATH. build/test.sh installs it (Debian: apt-get install prometheus-alertmanager).");

    /// <summary>Runs it to its end.</summary>
    /// <returns>Its exit code, and what it wrote to both outputs.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(string name, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            Find(name), arguments)
        { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}

/// <summary>A server of other people, stopped with the test.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private readonly Process process;
    private readonly StringBuilder log = new();

    public RunningProgram(string name, params string[] arguments)
    {
        process = new Process
        {
            StartInfo = new ProcessStartInfo(
                Programs.Find(name), arguments)
            { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false },
        };
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        void Keep(object sender, DataReceivedEventArgs e)
        {
            lock (log) log.AppendLine(e.Data);
        }
    }

    public string Log
    {
        get { lock (log) return log.ToString(); }
    }

    public bool HasEnded => process.HasExited;

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
