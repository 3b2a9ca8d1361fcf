namespace Notify.Kernel;

/// <summary>
/// The identity of this process among several on one store, used in leases and on the attempts that it starts. Unique to the process, so that it does
/// not take an earlier process's work for its own.
/// </summary>
public sealed class ThisNode
{
    public string Id { get; } = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid().ToString("N")[..6]}";
}
