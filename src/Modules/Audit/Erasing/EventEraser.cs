using System.Globalization;
using System.Text;
using System.Text.Json;
using Notify.Audit.Following;
using Notify.Audit.Proofs;
using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Audit.Erasing;

/// <summary>
/// Removes a subject from events, and the seeds of those events from the log, in the caller's transaction. If only personal texts contain the
/// subject, the log keeps a commitment in place of each. Otherwise it keeps one commitment for the whole body, and the subject is replaced wherever
/// it occurs in the body.
/// </summary>
public sealed class EventEraser(NpgsqlConnection connection, NpgsqlConnection reading, Subject subject)
{
    private const int Batch = 500;
    private readonly EventEncoder encoder = new();

    /// <returns>What was erased, for the record.</returns>
    public async Task<List<ErasedEntry>> EraseAsync(CancellationToken cancellation)
    {
        var erased = new List<ErasedEntry>();
        foreach (var sequences in (await CandidatesAsync(cancellation)).Chunk(Batch))
        {
            var redactions = await LogReader.RedactionsAsync(connection, sequences[0], sequences[^1], cancellation);
            var changes = new List<RedactedEvent>();
            await using (var rows = await EventRows.OpenAsync(
                reading, $"seq_id in ({string.Join(',', sequences.Select(x => x.ToString(CultureInfo.InvariantCulture)))})", cancellation))
            {
                while (await rows.ReadAsync(cancellation))
                {
                    var (leaves, place) = await LogReader.FindAsync(connection, rows.Row.Sequence, cancellation)
                        ?? throw new LogDamagedException($"The event {rows.Row.Sequence} has no leaf in the log.");
                    if (Decide(rows.Row, leaves.SeedAt(place), redactions.GetValueOrDefault(rows.Row.Sequence)) is { } change) changes.Add(change);
                }
            }

            erased.AddRange(await RedactedEvent.WriteAsync(connection, changes, archive: false, cancellation));
        }

        return erased;
    }

    private RedactedEvent? Decide(EventRow row, ReadOnlySpan<byte> seed, Redaction? redaction)
    {
        var (data, headers) = (Text(row.Data)!, Text(row.Headers));
        var (user, correlation, causation) = (Text(row.User), Text(row.Correlation), Text(row.Causation));
        if (!subject.IsInJson(data) && !subject.IsInJson(headers) && !subject.IsIn(user) && !subject.IsIn(correlation)
            && !subject.IsIn(causation)) return null;

        var found = new Dictionary<int, byte[]>();
        // After an erasure of the whole body no salts are left, and no single value has a commitment.
        var whole = redaction?.Commitments.ContainsKey(Redaction.Body) != true;
        var salts = !whole ? [] : encoder.Salts(row, seed, redaction, (number, json) =>
        {
            if (redaction?.Commitments.ContainsKey(number) != true
                && subject.IsIn(JsonSerializer.Deserialize<string>(json.Span))) found[number] = json.ToArray();
        });
        if (found.Count > 0 && !EventEncoder.NeedsEscape(row))
        {
            var (lessData, lessHeaders) = encoder.Redacted(row, found.Keys.ToHashSet());
            if (!subject.IsInJson(lessData) && !subject.IsInJson(lessHeaders) && !subject.IsIn(user) && !subject.IsIn(correlation)
                && !subject.IsIn(causation))
            {
                var commitments = redaction?.Commitments.ToDictionary() ?? [];
                foreach (var (number, json) in found)
                {
                    commitments[number] = new byte[Sha256.Size];
                    EntryEncoding.Commit(commitments[number], salts.AsSpan(number * EntryEncoding.SaltSize, EntryEncoding.SaltSize), json);
                    salts.AsSpan(number * EntryEncoding.SaltSize, EntryEncoding.SaltSize).Clear();
                }

                return new RedactedEvent(
                    row.Sequence, lessData, lessHeaders, user, correlation, causation, new Redaction(salts, commitments), [.. found.Keys]);
            }
        }

        var body = new byte[Sha256.Size];
        encoder.BodyCommitment(body, row, seed, redaction);
        return new RedactedEvent(
            row.Sequence, subject.Erase(data), headers is null ? null : subject.Erase(headers), Less(user), Less(correlation), Less(causation),
            new Redaction(new byte[EntryEncoding.SaltSize], new Dictionary<int, byte[]> { [Redaction.Body] = body }), [Redaction.Body]);
    }

    private string? Less(string? text) => subject.IsIn(text) ? Erased.Text : text;

    /// <summary>Only events that the log has: later events do not name a person who is no longer configured.</summary>
    private async Task<List<long>> CandidatesAsync(CancellationToken cancellation) =>
        await EventRedaction.FindAsync(connection, subject.Likes, await LogReader.LastSequenceAsync(connection, cancellation), cancellation);

    private static string? Text(ReadOnlyMemory<byte>? bytes) => bytes is { } value ? Encoding.UTF8.GetString(value.Span) : null;
}
