using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Audit.Proofs.Reading;

/// <summary><c>GET /audit/keys</c>: the public keys that checkpoints and exports are verified with; <c>POST /audit/keys/rotate</c> replaces the one
/// in use.</summary>
public sealed class SigningKeys(
    LogKeys keys, CheckpointSigner signer, NpgsqlDataSource database, IDocumentStore store, EventBatches batches, TimeProvider time)
{
    public sealed record KeyItem(string Vkey, DateTimeOffset CreatedAt, DateTimeOffset? RetiredAt);

    public sealed record Answer(string Origin, IReadOnlyList<KeyItem> Keys);

    public async Task<Answer> ReadAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var found = await keys.LoadAsync(connection, cancellation);
        return new(found.Count == 0 ? "" : found[0].Public.Name, [.. found.Select(x => new KeyItem(x.Public.ToString(), x.CreatedAt, x.RetiredAt))]);
    }

    /// <returns>The keys after the rotation.</returns>
    public async Task<Answer> RotateAsync(AuditContext audit, CancellationToken cancellation)
    {
        // Signs everything with the present key first, and checks that nothing signed before is missing.
        await signer.LatestAsync(cancellation);
        await using (var connection = await database.OpenConnectionAsync(cancellation))
        {
            // In the transaction of the event, so that no key is replaced without a record.
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await CheckpointSigner.LockAsync(connection, cancellation);
            var (old, replaced) = await keys.RotateAsync(connection, cancellation);
            await using var session = store.LightweightSession(Marten.Services.SessionOptions.ForTransaction(transaction));
            var events = batches.New();
            events.Append(Ids.New("audit-key", time.GetUtcNow()), 1, new SigningKeyReplaced(old.ToString(), replaced.ToString()), audit);
            events.QueueTo(session);
            await session.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
        }

        return await ReadAsync(cancellation);
    }

    public static void Map(RouteGroupBuilder audit)
    {
        audit.MapGet("/keys", (HttpContext http, SigningKeys keys) => keys.ReadAsync(http.RequestAborted)).Requires(Permission.HistoryRead).KeepsToPaths()
            .Document("listSigningKeys", "List signing keys", "Including retired ones, which still verify what they signed.");
        audit.MapPost("/keys/rotate", (HttpContext http, SigningKeys keys) => keys.RotateAsync(http.Audit(), http.RequestAborted)).Idempotent()
            .Requires(Permission.OperationManage)
            .Document("rotateSigningKey", "Rotate the signing key", "The old key is kept for verification. Recorded in the history.");
    }
}
