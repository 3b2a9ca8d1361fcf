using System.Diagnostics;

namespace Notify.Acceptance.Tests.Faults;

/// <summary>A file system of its own, small enough to fill.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    private string Filler => System.IO.Path.Combine(Path, "filler");

    public static SmallDisk Mount(int megabytes)
    {
        var path = Directory.CreateTempSubdirectory("notify-disk-").FullName;
        if (!Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=0755", "tmpfs", path)) throw new InvalidOperationException(
            "The file system could not be mounted.");
        return new SmallDisk(path);
    }

    /// <summary>To the last block.</summary>
    public void Fill()
    {
        using var file = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[1 << 20];
        for (var size = block.Length; size >= 4096;)
        {
            try
            {
                file.Write(block.AsSpan(0, size));
            }
            catch (IOException)
            {
                size /= 2;
            }
        }
    }

    public void MakeRoom() => File.Delete(Filler);

    public void Dispose()
    {
        // The data directory is removed by whoever ran in it; a mount point cannot be.
        Run("umount", "--lazy", Path);
        Directory.Delete(Path);
    }

    public static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}

/// <summary>A test that mounts a file system, which takes root's rights; without them it is skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class MountFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> mayMount = new(() =>
    {
        try
        {
            using var disk = SmallDisk.Mount(megabytes: 1);
            return true;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    });

    public MountFactAttribute() => Skip = mayMount.Value ? null : "Mounting a small file system is not allowed here.";
}
