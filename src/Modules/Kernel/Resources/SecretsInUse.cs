using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Kernel.Secrets;
using Npgsql;

namespace Notify.Kernel.Resources;

/// <summary>Adds every stored secret to <see cref="KnownSecrets"/> at the start, and within seconds those stored by other nodes: a secret must not be
/// recorded even if it has not been used yet.</summary>
public sealed class SecretsInUse(
    NpgsqlDataSource database, MasterKey key, KnownSecrets known, ILogger<SecretsInUse> logger)
    : Worker("Secrets in use", logger, startsAfter: interval)
{
    private static readonly TimeSpan interval = TimeSpan.FromSeconds(5);

    private readonly HashSet<string> read = new(StringComparer.Ordinal);
    private long? configuration;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await LookAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        await LookAsync(cancellation);
        return interval;
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        try
        {
            // Secrets are only added and removed by changes of the configuration.
            var version = await ConfigurationStamp.ReadAsync(database, cancellation);
            if (version == configuration) return;
            await ReadAsync(cancellation);
            configuration = version;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (!StoreFault.IsStoreDown(e)) Logger.LogError(
                e, "The stored secrets, which must not be recorded, could not be read; retrying");
        }
    }

    private async Task ReadAsync(CancellationToken cancellation)
    {
        if (!key.Exists) return;
        await using var command = database.CreateCommand(
            $"select ref, sealed from {Database.Schema}.secret where ref like '{SecretVault.EnteredKind}-%' and not (ref = any($1))");
        command.Parameters.AddWithValue(read.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var reference = reader.GetString(0);
            read.Add(reference);
            try
            {
                known.Add(key.Unseal(reference, reader.GetFieldValue<byte[]>(1)));
            }
            catch (CryptographicException)
            {
                // Reported by the verification, and not used.
            }
        }
    }
}
