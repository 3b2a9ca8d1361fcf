using System.Text.Json;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Delivery.Lanes;

/// <summary>An open notification taken up by this node.</summary>
/// <param name="Version">Of its stream.</param>
/// <param name="Attempts">Started so far.</param>
/// <param name="Tries">Attempts so far that count towards the limit of retries.</param>
/// <param name="TraceParent">The span of the request that reported the alarm, when a trace was recorded.</param>
/// <param name="RequestsDone">How many of its requests the platform has taken already.</param>
/// <param name="Unknowns">Attempts so far of which nobody knows the outcome.</param>
/// <param name="Form">How it goes out, after the platform has refused it otherwise.</param>
/// <param name="Overtaken">Its receivers were told of something later of its alarm, or are being told.</param>
public sealed record Work(
    string Id, string Lane, long Version, int Attempts, int Tries, int RequestsDone, NotificationRequested Request,
    DateTimeOffset RequestedAt, string CorrelationId, string? CausationId, string? TraceParent = null, int Unknowns = 0,
    MessageForm Form = MessageForm.AsWritten, bool Overtaken = false) : IUnsent
{
    INotice IUnsent.Notice => Request;

    private static readonly VersionedRef none = new("", 0, "");
    private static readonly NotificationRequested unknown = new(
        "", "", "", default, default, default, none, none, none, none, "", "", [], RenderedMessage.None);

    /// <summary>Of the resend or replay that asked for it, which bears the correlation of its alarm otherwise; null: its alarm did.</summary>
    public string? RequestCorrelationId { get; init; }

    /// <summary>Its own events are found in its alarm's trail, and by the request that had it sent again.</summary>
    public AuditContext Audit => AuditContext.OfSystem(CorrelationId, CausationId) with { RequestCorrelationId = RequestCorrelationId };

    /// <summary>What earlier attempts have left; null: nothing.</summary>
    public Earlier? Earlier { get; init; }

    /// <summary>The platform has accepted a message of it, and is asked what became of that before anything else of it leaves.</summary>
    public bool IsAsked => Earlier?.RequestId is not null;

    /// <summary>Those that nobody has judged yet. Of what has begun to leave it is all of them: what is left of its requests is as it was
    /// made.</summary>
    public IReadOnlyList<Receiver> Receivers => RequestsDone == 0 && Earlier is { Judged: { Count: > 0 } judged }
        ? [.. Request.Receivers.Where(x => !judged.Any(j => j.IsOf(x.Kind, x.Account)))] : Request.Receivers;

    internal static Earlier? ReadEarlier(string? json) => json is null ? null : JsonSerializer.Deserialize<Earlier>(json, NotifyJson.Options);

    /// <summary>Its first event cannot be read, and so nobody knows what was asked for: why. Null when it can.</summary>
    public Exception? Unreadable { get; init; }

    private const string Columns =
        $"n.tries, n.requests_done, e.data, n.requested_at, e.correlation_id, e.id, n.unknowns, n.form, e.headers->>'{AuditContext.TraceParentHeader}', e.headers->>'{AuditContext.RequestCorrelationHeader}', n.earlier";

    /// <summary>
    /// Attempts that another process, or an earlier one, had started on these lanes without recording an outcome: the row still has the version from
    /// before the attempt, its stream is one event further.
    /// </summary>
    /// <param name="inFlight">What this process has under way: its outcome is still to come.</param>
    public static async Task<List<Work>> AbandonedAsync(NpgsqlDataSource database, string[] lanes, string[] inFlight, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select n.id, n.lane, s.version, n.attempts + 1, {Columns}
            from {NotificationTable.Name} n
            join {EventTables.Streams} s on s.id = n.id and s.version > n.version
            left {EventTables.JoinFirst("n.id")}
            where n.lane = any($1) and n.due_at is not null and not (n.id = any($2))
            """);
        command.Parameters.AddWithValue(lanes);
        command.Parameters.AddWithValue(inFlight);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var work = new List<Work>();
        while (await reader.ReadAsync(cancellation)) work.Add(Read(reader));
        return work;
    }

    /// <summary>When the open work of these lanes that is not due yet becomes due.</summary>
    public static async Task<List<DateTimeOffset>> DueTimesAsync(
        NpgsqlDataSource database, string[] lanes, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select due_at from {NotificationTable.Name} where lane = any($1) and due_at > $2");
        command.Parameters.AddWithValue(lanes);
        command.Parameters.AddWithValue(now);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var times = new List<DateTimeOffset>();
        while (await reader.ReadAsync(cancellation)) times.Add(reader.GetFieldValue<DateTimeOffset>(0));
        return times;
    }

    private static Work Read(NpgsqlDataReader reader)
    {
        var (request, unreadable) = ReadRequest(reader.IsDBNull(6) ? null : reader.GetString(6));
        return new(
            reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt32(3), reader.GetInt32(4), reader.GetInt32(5), request,
            reader.GetFieldValue<DateTimeOffset>(7), reader.IsDBNull(8)
            ? "" : reader.GetString(8), reader.IsDBNull(9) ? null : reader.GetGuid(9).ToString(),
            reader.IsDBNull(12) ? null : reader.GetString(12), reader.GetInt16(10), (MessageForm)reader.GetInt16(11))
        {
            Unreadable = unreadable,
            RequestCorrelationId = reader.IsDBNull(13) ? null : reader.GetString(13),
            Earlier = ReadEarlier(reader.IsDBNull(14) ? null : reader.GetString(14)),
        };
    }

    /// <returns>What was asked for; when that cannot be read, nothing of it, and why.</returns>
    /// <param name="data">Null: there is no such event.</param>
    internal static (NotificationRequested Request, Exception? Unreadable) ReadRequest(string? data)
    {
        try
        {
            return (JsonSerializer.Deserialize<NotificationRequested>(data ?? throw new JsonException("The event is missing."), NotifyJson.Options)!,
                null);
        }
        catch (Exception e) when (EventRecord.IsUnreadable(e))
        {
            return (unknown, e);
        }
    }
}
