using Notify.Audit.Following;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Notify.Contracts.Audit;
using Notify.Kernel;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Audit.Proofs.Signatures;

/// <summary>Seals a signature that somebody has just made, together with the leaf of what was signed.</summary>
public static class SealSignatureHandler
{
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(10);

    /// <exception cref="ProblemException">404: there is nothing to sign; 503: the history is behind.</exception>
    public static async Task<SignatureSealed> Handle(
        SealSignature request, EventFollower follower, LogKeys keys, CheckpointSigner signer, NpgsqlDataSource database,
        CancellationToken cancellation)
    {
        await follower.CatchUpAsync(patience, cancellation);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var number = await StoredEvents.FirstNumberAsync(connection, request.Stream, cancellation)
            ?? throw ProblemException.NotFound("entry", request.Stream);
        var (row, place) = await LogReader.FindAsync(connection, number, cancellation)
            ?? throw ProblemException.Unavailable("The history is not up to date yet. Try again shortly.", retryAfterSeconds: 10);
        var key = await CurrentAsync(keys, connection, cancellation);
        if (key is null)
        {
            // The first checkpoint creates the key.
            await signer.LatestAsync(cancellation);
            key = await CurrentAsync(keys, connection, cancellation)
                ?? throw ProblemException.Unavailable("There is no key to seal signatures with.", retryAfterSeconds: 60);
        }

        var leaf = Convert.ToHexStringLower(row.HashAt(place));
        var text = SignatureSeal.TextOf(
            key.Public.Name, request.Stream, leaf, request.Content, request.Signer, request.SignedAt, request.Meaning, request.Method, request.Hash);
        return new(leaf, SignedNote.Sign(text, new NoteSigner(key.Public.Name, key.Private!)).ToString());
    }

    private static async Task<LogKey?> CurrentAsync(LogKeys keys, NpgsqlConnection connection, CancellationToken cancellation) =>
        (await keys.LoadAsync(connection, cancellation)).Find(x => x is { Private: not null, RetiredAt: null });
}
