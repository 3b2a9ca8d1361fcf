using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Audit.Following;
using Notify.Audit.History;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Audit.Proofs.Reading;

/// <summary>Checkpoints, and the proofs of RFC 9162 against them. Hashes are in hexadecimal digits.</summary>
public sealed class ReadProofs(NpgsqlDataSource database, CheckpointSigner signer, PathSight sight)
{
    public sealed record CheckpointItem(long Size, string Root, DateTimeOffset At, string Note);

    /// <summary>A proof as the OpenAPI document describes it.</summary>
    /// <param name="Related">If the entry was signed or approved: the proposal, its further events and the policy, each with its own path to the same
    /// root.</param>
    private sealed record Proof(
        long Sequence, long Index, long Size, string LeafHash, IReadOnlyList<string> Path, string Checkpoint, Dictionary<string, JsonElement> Entry,
        IReadOnlyList<RelatedEntry>? Related);

    private sealed record RelatedEntry(long Sequence, long Index, string LeafHash, IReadOnlyList<string> Path, Dictionary<string, JsonElement> Entry);

    public sealed record ConsistencyProof(long First, long Second, IReadOnlyList<string> Path);

    /// <summary>Newest first.</summary>
    /// <param name="before">The page begins after this position (<see cref="CursorPage{T}.Next"/>); null: at the newest.</param>
    /// <param name="limit">From 1 to 1,000.</param>
    public async Task<CursorPage<CheckpointItem>> CheckpointsAsync(long? before, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await CheckpointTable.ReadAsync(connection, before ?? long.MaxValue, cancellation, limit + 1, newestFirst: true);
        var items = rows.Take(limit).Where(x => x.Checkpoint is not null)
            .Select(x => new CheckpointItem(x.Size, Convert.ToHexStringLower(x.Checkpoint!.Root), x.Checkpoint.At, x.Note!.ToString())).ToList();
        return new(items, rows.Count > limit ? rows[limit - 1].Size : null);
    }

    /// <summary>First signs everything recorded so far, so that the checkpoint is current.</summary>
    public async Task<string> LatestCheckpointAsync(CancellationToken cancellation) => (await signer.LatestAsync(cancellation)).Note.ToString();

    /// <summary>Proves that the entry is in the tree of the latest checkpoint, which is signed first if necessary. The proof is JSON with the
    /// entry.</summary>
    /// <exception cref="ProblemException">404: there is no such entry; 503: the log has not come to it yet.</exception>
    public async Task<ReadOnlyMemory<byte>> ProveAsync(long sequence, CancellationToken cancellation)
    {
        var own = string.Create(CultureInfo.InvariantCulture, $"seq_id = {sequence}");
        if (!await sight.SeesAsync(own, cancellation))
            throw ProblemException.NotFound("entry", sequence.ToString(CultureInfo.InvariantCulture));
        var related = (await StoredEvents.WithApprovalsAsync(database, own, cancellation)).Except([sequence]).ToArray();
        var hidden = await sight.HiddenAsync(related, cancellation);
        if (!await IsSignedAsync(database, related.Append(sequence).Max(), cancellation)) await signer.LatestAsync(cancellation);
        var body = new System.Buffers.ArrayBufferWriter<byte>();
        await WriteProofAsync(body, sequence, related, hidden, database, cancellation);
        return body.WrittenMemory;
    }

    /// <summary>Proves that the log only grew.</summary>
    /// <param name="first">The size of the older tree, from 1 on.</param>
    /// <param name="second">The size of the newer tree; null: that of the log now.</param>
    /// <exception cref="ProblemException">400: there are no such trees.</exception>
    public async Task<ConsistencyProof> ConsistencyAsync(long first, long? second, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var size = await LogReader.SizeAsync(connection, cancellation);
        var (newer, errors) = (second ?? size, new Errors());
        if (first > newer) errors.Add("first", "The older tree cannot be larger than the newer one.");
        if (newer > size) errors.Add("second", $"The log has {size} entries.");
        errors.ThrowIfAny();
        return new(first, newer, Hex(await LogReader.ProofAsync(connection, MerkleProof.Consistency(first, newer), cancellation)));
    }

    public static void Map(RouteGroupBuilder audit)
    {
        audit.MapGet("/checkpoints", async (HttpContext http, ReadProofs read) =>
        {
            var query = http.Query();
            var (cursor, limit) = (query.Cursor(), query.Number("limit", 100, 1, 1000));
            query.ThrowIfInvalid();
            return await read.CheckpointsAsync(cursor, limit, http.RequestAborted);
        }).Query(QueryParameter.Cursor, QueryParameter.Limit).Requires(Permission.HistoryRead)
            .Document("listCheckpoints", "List signed checkpoints", "Newest first, paged.");

        audit.MapGet("/checkpoint", async (HttpContext http, ReadProofs read) => Results.Text(await read.LatestCheckpointAsync(http.RequestAborted)))
            .Requires(Permission.HistoryRead)
            .Document("getCheckpoint", "The latest signed checkpoint", "As the signed note that verifiers read.")
            .AnswersFile("The checkpoint.", "text/plain");

        audit.MapGet("/proof/{sequence}", async (string sequence, HttpContext http, ReadProofs read) =>
        {
            if (!long.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) throw ProblemException.NotFound(
                "entry", sequence);
            var proof = await read.ProveAsync(number, http.RequestAborted);
            http.Response.ContentType = "application/json; charset=utf-8";
            await http.Response.Body.WriteAsync(proof, http.RequestAborted);
        }).Requires(Permission.HistoryRead).KeepsToPaths()
            .Document("getProof", "Prove that an entry is in the history", "The entry, its path to the root and the checkpoint that signs it.")
            .Answers<Proof>();

        audit.MapGet("/consistency", async (HttpContext http, ReadProofs read) =>
        {
            var query = http.Query();
            var (first, second) = (query.Long("first", null, 1, long.MaxValue), query.Long("second", null, 1, long.MaxValue));
            if (first is null) query.Fault("first", "Give the size of the older tree.");
            query.ThrowIfInvalid();
            return await read.ConsistencyAsync(first!.Value, second, http.RequestAborted);
        }).Query(QueryParameter.Number("first", 1).Required, QueryParameter.Number("second", 1)).Requires(Permission.HistoryRead)
            .Document("getConsistencyProof", "Prove that the history only grew", "From the size of one checkpoint to that of another.");
    }

    private static async Task WriteProofAsync(
        System.Buffers.ArrayBufferWriter<byte> body, long number, long[] related, IReadOnlySet<long> hidden, NpgsqlDataSource database,
        CancellationToken cancellation)
    {
        // In one snapshot, because an erasure changes the event, the log's seeds and the redactions together.
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellation);
        var latest = await CheckpointTable.LatestAsync(connection, cancellation);
        if (latest?.Checkpoint is null) throw new LogDamagedException("The latest checkpoint cannot be read.");
        var checkpoint = latest!.Value.Checkpoint!;

        await using var json = new Utf8JsonWriter(body, new JsonWriterOptions { Encoder = NotifyJson.Options.Encoder });
        json.WriteStartObject();
        await WriteEntryAsync(json, number, false, checkpoint, connection, cancellation);
        json.WriteNumber("size", checkpoint.Size);
        json.WriteString("checkpoint", latest.Value.Note!.ToString());
        if (related.Length > 0)
        {
            json.WriteStartArray("related");
            foreach (var one in related)
            {
                // The checkpoint does not cover later entries.
                if (await LogReader.FindAsync(connection, one, cancellation) is not { } at || at.Row.First + at.Place >= checkpoint.Size) continue;
                json.WriteStartObject();
                await WriteEntryAsync(json, one, hidden.Contains(one), checkpoint, connection, cancellation);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static async Task WriteEntryAsync(
        Utf8JsonWriter json, long number, bool isHidden, Checkpoint checkpoint, NpgsqlConnection connection, CancellationToken cancellation)
    {
        var at = await LogReader.FindAsync(connection, number, cancellation) ?? throw await WithoutLeafAsync(number, connection, cancellation);
        var index = at.Row.First + at.Place;
        if (index >= checkpoint.Size) throw NotYet();
        var path = await LogReader.ProofAsync(connection, MerkleProof.Inclusion(index, checkpoint.Size), cancellation);
        var entry = new ByteBuffer();
        var redactions = await LogReader.RedactionsAsync(connection, number, number, cancellation);
        await using (var rows = await EventRows.OpenAsync(
            connection, string.Create(CultureInfo.InvariantCulture, $"seq_id = {number}"), cancellation))
        {
            if (!await rows.ReadAsync(cancellation)) throw ProblemException.NotFound("entry", number.ToString(CultureInfo.InvariantCulture));
            var (encoder, redaction) = (new EventEncoder(), redactions.GetValueOrDefault(number));
            if (isHidden) redaction = encoder.Hidden(rows.Row, at.Row.SeedAt(at.Place), redaction);
            encoder.Entry(entry, rows.Row, at.Row.SeedAt(at.Place), redaction);
        }

        json.WriteNumber("sequence", number);
        json.WriteNumber("index", index);
        json.WriteString("leafHash", Convert.ToHexStringLower(at.Row.HashAt(at.Place)));
        json.WriteStartArray("path");
        foreach (var hash in Hex(path)) json.WriteStringValue(hash);
        json.WriteEndArray();
        json.WritePropertyName("entry");
        json.WriteRawValue(entry.Written);
    }

    /// <summary>Everything recorded was signed just now. So an event without a leaf was written by somebody else, unless the log has not come to it
    /// yet, as after an alarm flood.</summary>
    private static async Task<Exception> WithoutLeafAsync(long number, NpgsqlConnection connection, CancellationToken cancellation)
    {
        var reach = await LogReach.ReadAsync(connection, cancellation);
        await using var rows = await EventRows.OpenAsync(
            connection, string.Create(CultureInfo.InvariantCulture, $"seq_id = {number}"), cancellation);
        return !await rows.ReadAsync(cancellation) ? ProblemException.NotFound("entry", number.ToString(CultureInfo.InvariantCulture))
            : number > reach.Position && number <= reach.Given
            ? NotYet() : new LogDamagedException($"The event {number} has no leaf in the log.");
    }

    private static ProblemException NotYet() =>
        ProblemException.Unavailable("The history is not up to date yet. Try again shortly.", retryAfterSeconds: 5);

    private static async Task<bool> IsSignedAsync(NpgsqlDataSource database, long sequence, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await LogReader.FindAsync(connection, sequence, cancellation) is { } at
            && await CheckpointTable.LatestAsync(connection, cancellation) is { Checkpoint: { } signed }
            && signed.Size > at.Row.First + at.Place;
    }

    private static List<string> Hex(IEnumerable<byte[]> hashes) => [.. hashes.Select(x => Convert.ToHexStringLower(x))];
}
