namespace Notify.Kernel;

/// <summary>Where keys, the embedded database and checkpoints lie: for its owner alone, whatever the umask.</summary>
public static class DataDirectory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Special = UnixFileMode.StickyBit | UnixFileMode.SetGroup | UnixFileMode.SetUser;

    /// <summary>
    /// Makes it, and takes from an existing one what others may do there, when it is empty or holds Notify's own files. Whoever named a directory
    /// that other things are in, such as a home, did not ask for it to be closed.
    /// </summary>
    public static void Make(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        var isNew = !Directory.Exists(path);
        // What the umask takes away even from the owner is given back below.
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
            // A volume that belongs to somebody else: the start says so (OthersMayEnter).
        }
    }

    /// <summary>Somebody but its owner may list or change what is there.</summary>
    public static bool OthersMayEnter(string path) =>
        !OperatingSystem.IsWindows() && Directory.Exists(path) && (File.GetUnixFileMode(path) & ~OwnerOnly & ~Special) != UnixFileMode.None;

    private static bool IsOurs(string path) =>
        File.Exists(Path.Combine(path, "master.key")) || File.Exists(Path.Combine(path, "bootstrap.key")) || File.Exists(Path.Combine(path, "pgpass"))
        || !Directory.EnumerateFileSystemEntries(path).Any();
}
