using Npgsql;

namespace Notify.Kernel.Events;

/// <summary>Tells of which events something was erased. The mark that stands in its place does not: anybody can write it.</summary>
public interface IErasures
{
    /// <param name="connection">With its transaction, if it has one.</param>
    /// <param name="numbers">The numbers of events.</param>
    /// <returns>Those of which something was erased.</returns>
    Task<IReadOnlySet<long>> AmongAsync(NpgsqlConnection connection, IEnumerable<long> numbers, CancellationToken cancellation);
}
