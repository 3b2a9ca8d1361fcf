using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Audit.Proofs.Reading;

/// <summary>Checkpoints, and the proofs of RFC 9162 against them. Hashes are in hexadecimal digits.</summary>
public static class ReadProofs
{
    private sealed record CheckpointItem(long Size, string Root, DateTimeOffset At, string Note);

    private sealed record Consistency(long First, long Second, IReadOnlyList<string> Path);

    /// <summary>As <see cref="WriteProofAsync"/> writes it.</summary>
    private sealed record Proof(long Sequence, long Index, long Size, string LeafHash, IReadOnlyList<string> Path, string Checkpoint, Dictionary<string, JsonElement> Entry);

    public static void Map(RouteGroupBuilder audit)
    {
        audit.MapGet("/checkpoints", async (HttpContext http, NpgsqlDataSource database) =>
        {
            var query = http.Query();
            var (cursor, limit) = (query.Cursor(), query.Number("limit", 100, 1, 1000));
            query.ThrowIfInvalid();
            await using var connection = await database.OpenConnectionAsync(http.RequestAborted);
            var rows = await CheckpointTable.ReadAsync(connection, cursor ?? long.MaxValue, http.RequestAborted, limit + 1, newestFirst: true);
            var items = rows.Take(limit).Where(x => x.Checkpoint is not null)
                .Select(x => new CheckpointItem(x.Size, Convert.ToHexStringLower(x.Checkpoint!.Root), x.Checkpoint.At, x.Note!.ToString())).ToList();
            return new CursorPage<CheckpointItem>(items, rows.Count > limit ? QueryReader.CursorOf(rows[limit - 1].Size) : null);
        }).Query(QueryParameter.Cursor, QueryParameter.Limit).Requires(Permission.HistoryRead)
            .Document("listCheckpoints", "List signed checkpoints", "Newest first, paged.");

        // Also signs what has happened since: who asks for a checkpoint wants it to be of now.
        audit.MapGet("/checkpoint", async (HttpContext http, CheckpointSigner signer) => Results.Text((await signer.LatestAsync(http.RequestAborted)).Note.ToString())).Requires(Permission.HistoryRead)
            .Document("getCheckpoint", "The latest signed checkpoint", "As the signed note that verifiers read.")
            .AnswersFile("The checkpoint.", "text/plain");

        audit.MapGet("/proof/{sequence}", ProveAsync).Requires(Permission.HistoryRead)
            .Document("getProof", "Prove that an entry is in the history", "The entry, its path to the root and the checkpoint that signs it.")
            .Answers<Proof>();

        audit.MapGet("/consistency", async (HttpContext http, NpgsqlDataSource database) =>
        {
            await using var connection = await database.OpenConnectionAsync(http.RequestAborted);
            var size = await LogReader.SizeAsync(connection, http.RequestAborted);
            var query = http.Query();
            var second = query.Long("second", size, 1, long.MaxValue)!.Value;
            var first = query.Long("first", null, 1, long.MaxValue);
            if (first is null) query.Fault("first", "Give the size of the older tree.");
            else if (first > second) query.Fault("first", "The older tree cannot be larger than the newer one.");
            if (second > size) query.Fault("second", $"The log has {size} entries.");
            query.ThrowIfInvalid();
            return new Consistency(first!.Value, second, Hex(await LogReader.ProofAsync(connection, MerkleProof.Consistency(first.Value, second), http.RequestAborted)));
        }).Query(QueryParameter.Number("first", 1).Required, QueryParameter.Number("second", 1)).Requires(Permission.HistoryRead)
            .Document("getConsistencyProof", "Prove that the history only grew", "From the size of one checkpoint to that of another.");
    }

    private static async Task ProveAsync(string sequence, HttpContext http, NpgsqlDataSource database, CheckpointSigner signer)
    {
        if (!long.TryParse(sequence, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)) throw ProblemException.NotFound("entry", sequence);
        var cancellation = http.RequestAborted;
        if (!await IsSignedAsync(database, number, cancellation)) await signer.LatestAsync(cancellation);
        var body = new System.Buffers.ArrayBufferWriter<byte>();
        await WriteProofAsync(body, number, database, cancellation);
        http.Response.ContentType = "application/json; charset=utf-8";
        await http.Response.Body.WriteAsync(body.WrittenMemory, cancellation);
    }

    private static async Task WriteProofAsync(System.Buffers.ArrayBufferWriter<byte> body, long number, NpgsqlDataSource database, CancellationToken cancellation)
    {
        // As of one moment: an erasure takes something out of the event, the log's seeds and the redactions together.
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellation);
        var at = await LogReader.FindAsync(connection, number, cancellation) ?? throw ProblemException.NotFound("entry", number.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var latest = await CheckpointTable.LatestAsync(connection, cancellation);
        if (latest?.Checkpoint is null) throw new LogDamagedException("The latest checkpoint cannot be read.");

        var (index, checkpoint) = (at.Row.First + at.Place, latest!.Value.Checkpoint!);
        var path = await LogReader.ProofAsync(connection, MerkleProof.Inclusion(index, checkpoint.Size), cancellation);
        var entry = new ByteBuffer();
        var redactions = await LogReader.RedactionsAsync(connection, number, number, cancellation);
        await using (var rows = await EventRows.OpenAsync(connection, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"seq_id = {number}"), cancellation))
        {
            if (!await rows.ReadAsync(cancellation)) throw ProblemException.NotFound("entry", number.ToString(System.Globalization.CultureInfo.InvariantCulture));
            new EventForm().Entry(entry, rows.Row, at.Row.SeedAt(at.Place), redactions.GetValueOrDefault(number));
        }

        await using var json = new Utf8JsonWriter(body, new JsonWriterOptions { Encoder = NotifyJson.Options.Encoder });
        json.WriteStartObject();
        json.WriteNumber("sequence", number);
        json.WriteNumber("index", index);
        json.WriteNumber("size", checkpoint.Size);
        json.WriteString("leafHash", Convert.ToHexStringLower(at.Row.HashAt(at.Place)));
        json.WriteStartArray("path");
        foreach (var hash in Hex(path)) json.WriteStringValue(hash);
        json.WriteEndArray();
        json.WriteString("checkpoint", latest.Value.Note!.ToString());
        json.WritePropertyName("entry");
        json.WriteRawValue(entry.Written);
        json.WriteEndObject();
    }

    private static async Task<bool> IsSignedAsync(NpgsqlDataSource database, long sequence, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await LogReader.FindAsync(connection, sequence, cancellation) is { } at && await CheckpointTable.LatestAsync(connection, cancellation) is { Checkpoint: { } signed }
            && signed.Size > at.Row.First + at.Place;
    }

    private static List<string> Hex(IEnumerable<byte[]> hashes) => [.. hashes.Select(x => Convert.ToHexStringLower(x))];
}
