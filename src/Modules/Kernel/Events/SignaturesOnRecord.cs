using System.Text.Json;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Kernel.Events;

/// <summary>Reads people's signatures from events: a signature is the member <c>signature</c> of an event's data, of any
/// type.</summary>
public static class SignaturesOnRecord
{
    /// <param name="streams">The streams of what was signed: proposals.</param>
    /// <returns>By stream, in order; without those that somebody has made unreadable.</returns>
    public static async Task<ILookup<string, Signature>> ReadAsync(
        NpgsqlDataSource database, IEnumerable<string> streams, CancellationToken cancellation)
    {
        var found = new List<(string Stream, Signature Signature)>();
        string[] wanted = [.. streams.Distinct(StringComparer.Ordinal)];
        if (wanted.Length == 0) return found.ToLookup(x => x.Stream, x => x.Signature, StringComparer.Ordinal);
        await using var command = database.CreateCommand(
            $"""
            select stream_id, data->'signature' from {EventTables.Events}
            where stream_id = any($1) and not is_archived and jsonb_typeof(data->'signature') = 'object' order by stream_id, version
            """);
        command.Parameters.AddWithValue(wanted);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            if (Read(reader.GetString(1)) is { } signature) found.Add((reader.GetString(0), signature));
        return found.ToLookup(x => x.Stream, x => x.Signature, StringComparer.Ordinal);
    }

    private static Signature? Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<Signature>(json, NotifyJson.Options);
        }
        catch (Exception e) when (EventRecord.IsUnreadable(e))
        {
            return null;
        }
    }
}
