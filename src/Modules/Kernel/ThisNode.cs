namespace Notify.Kernel;

/// <summary>
/// The identity of this process among several on one store, used in leases and on the attempts it starts. Unique per process: work begun by an
/// earlier process is not its own.
/// </summary>
public sealed class ThisNode
{
    public string Id { get; } = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid().ToString("N")[..6]}";
}
