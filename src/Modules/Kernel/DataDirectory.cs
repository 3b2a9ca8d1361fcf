namespace Notify.Kernel;

/// <summary>The directory of keys, the embedded database and checkpoints, accessible only to its owner, whatever the umask.</summary>
public static class DataDirectory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Special = UnixFileMode.StickyBit | UnixFileMode.SetGroup | UnixFileMode.SetUser;

    /// <summary>
    /// Creates it. An existing directory is closed to others if it is empty or contains Notify's files; any other directory, such as a home, is left
    /// as it is, since whoever configured it did not ask for that.
    /// </summary>
    public static void Make(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        var isNew = !Directory.Exists(path);
        // If the umask restricts even the owner, the mode is set below.
        if (isNew) Directory.CreateDirectory(path, OwnerOnly);
        var mode = File.GetUnixFileMode(path);
        if (mode == OwnerOnly || (mode & Special) != UnixFileMode.None) return;
        if (!isNew && !IsOurs(path)) return;
        try
        {
            File.SetUnixFileMode(path, OwnerOnly);
        }
        catch (UnauthorizedAccessException)
        {
            // A volume that belongs to somebody else: the start reports it (OthersMayEnter).
        }
    }

    /// <summary>Whether others than its owner may list or change its content.</summary>
    public static bool OthersMayEnter(string path) =>
        !OperatingSystem.IsWindows() && Directory.Exists(path) && (File.GetUnixFileMode(path) & ~OwnerOnly & ~Special) != UnixFileMode.None;

    private static bool IsOurs(string path) =>
        File.Exists(Path.Combine(path, "master.key")) || File.Exists(Path.Combine(path, "bootstrap.key")) || File.Exists(Path.Combine(path, "pgpass"))
        || !Directory.EnumerateFileSystemEntries(path).Any();
}
