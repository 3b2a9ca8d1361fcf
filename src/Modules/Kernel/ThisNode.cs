namespace Notify.Kernel;

/// <summary>
/// What this process is called where several work on one store: in leases, and on the attempts that it starts. Unique to the process: what an earlier one
/// has begun is not its own.
/// </summary>
public sealed class ThisNode
{
    public string Id { get; } = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid().ToString("N")[..6]}";
}
