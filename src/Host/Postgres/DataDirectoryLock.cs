using Notify.Kernel;

namespace Notify.Host.Postgres;

/// <summary>One Notify for each data directory. The operating system frees the lock when the process ends, however it ends; the file stays.</summary>
static class DataDirectoryLock
{
    /// <summary>EWOULDBLOCK of flock</summary>
    const int heldByAnother = 11;

    /// <param name="isForCommand">See <see cref="EmbeddedPostgresOptions.IsForCommand"/>.</param>
    /// <exception cref="EmbeddedPostgresException">Another process holds it, or the directory cannot be used.</exception>
    public static FileStream Acquire(string dataDirectory, bool isForCommand)
    {
        try
        {
            DataDirectory.Make(dataDirectory);
            return new FileStream(Path.Combine(dataDirectory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new EmbeddedPostgresException($"The data directory {dataDirectory} belongs to another user, or may not be written: {e.Message}", e);
        }
        catch (IOException e) when (e.HResult == heldByAnother)
        {
            // A command is meant for the data of the Notify that runs, and another directory has others.
            throw new EmbeddedPostgresException(
                isForCommand
                    ? $"Notify is running on the data directory {dataDirectory}, with a PostgreSQL of its own. Stop it, repeat this command, and start it again."
                    : $"Another Notify already uses the data directory {dataDirectory}. Stop it, or give this one a directory of its own (Notify:DataDirectory).",
                e);
        }
        catch (IOException e)
        {
            throw new EmbeddedPostgresException($"The data directory {dataDirectory} cannot be used: {e.Message}", e);
        }
    }
}
