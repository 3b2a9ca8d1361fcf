using Notify.Contracts.DeadLetters;
using Notify.Kernel.Secrets;
using Npgsql;
using Wolverine.Runtime;

namespace Notify.Operation.DeadLetters;

/// <summary>Tells other modules which of their work is in dead letters: it counts as failed until it is replayed.</summary>
public static class DescribeDeadLettersHandler
{
    public static async Task<DeadLettersDescribed> Handle(
        DescribeDeadLetters query, IWolverineRuntime wolverine, NpgsqlDataSource database, KnownSecrets secrets, CancellationToken cancellation) =>
        new([.. (await Letter.ReadAllAsync(wolverine.Storage.DeadLetters, database, secrets, cancellation))
            .Where(x => x.Undecided.Count + x.Notifications.Count > 0).Select(x => x.Describe())]);
}
