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

/// <summary><c>GET /audit/keys</c>: the public keys that checkpoints and exports are verified with; <c>POST /audit/keys/rotate</c> replaces the one in use.</summary>
public static class SigningKeys
{
    private sealed record KeyItem(string Vkey, DateTimeOffset CreatedAt, DateTimeOffset? RetiredAt);

    private sealed record Answer(string Origin, IReadOnlyList<KeyItem> Keys);

    public static void Map(RouteGroupBuilder audit)
    {
        audit.MapGet("/keys", async (HttpContext http, LogKeys keys, NpgsqlDataSource database) =>
        {
            await using var connection = await database.OpenConnectionAsync(http.RequestAborted);
            return AnswerOf(await keys.LoadAsync(connection, http.RequestAborted));
        }).Requires(Permission.HistoryRead)
            .Document("listSigningKeys", "List signing keys", "Including retired ones, which still verify what they signed.");

        audit.MapPost("/keys/rotate", async (HttpContext http, LogKeys keys, CheckpointSigner signer, NpgsqlDataSource database, IDocumentStore store, EventBatch events, TimeProvider time) =>
        {
            // The key that is replaced has signed what there is, and nothing that was signed is missing.
            await signer.LatestAsync(http.RequestAborted);
            await using (var connection = await database.OpenConnectionAsync(http.RequestAborted))
            {
                // The transaction of the event, so that no key is replaced without a record.
                await using var transaction = await connection.BeginTransactionAsync(http.RequestAborted);
                await CheckpointSigner.LockAsync(connection, http.RequestAborted);
                var (old, replaced) = await keys.RotateAsync(connection, http.RequestAborted);
                await using var session = store.LightweightSession(Marten.Services.SessionOptions.ForTransaction(transaction));
                events.Append(Ids.New("audit-key", time.GetUtcNow()), 1, new SigningKeyReplaced(old.ToString(), replaced.ToString()), http.Audit());
                events.QueueTo(session);
                await session.SaveChangesAsync(http.RequestAborted);
                await transaction.CommitAsync(http.RequestAborted);
            }

            await using var reading = await database.OpenConnectionAsync(http.RequestAborted);
            return AnswerOf(await keys.LoadAsync(reading, http.RequestAborted));
        }).Idempotent().Requires(Permission.OperationManage)
            .Document("rotateSigningKey", "Rotate the signing key", "The old key is kept for verification. Recorded in the history.");
    }

    private static Answer AnswerOf(List<LogKey> keys) =>
        new(keys.Count == 0 ? "" : keys[0].Public.Name, [.. keys.Select(x => new KeyItem(x.Public.ToString(), x.CreatedAt, x.RetiredAt))]);
}
