using System.Collections.Frozen;
using System.Text.Json;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Delivery.Lanes;

/// <summary>An open notification that this node has taken from the queue or just received.</summary>
/// <param name="Version">The version of its stream.</param>
/// <param name="Attempts">The number of attempts started so far.</param>
/// <param name="Tries">The number of attempts so far that count towards the limit of retries.</param>
/// <param name="TraceParent">The span of the request that reported the alarm; null when no trace was recorded.</param>
/// <param name="RequestsDone">How many of its requests the platform has accepted already.</param>
/// <param name="Unknowns">The number of attempts so far with an unknown outcome.</param>
/// <param name="Form">The form in which it is sent, after the platform refused others.</param>
public sealed record Work(
    string Id, string Lane, long Version, int Attempts, int Tries, int RequestsDone, NotificationRequested Request,
    DateTimeOffset RequestedAt, string CorrelationId, string? CausationId, string? TraceParent = null, int Unknowns = 0,
    MessageForm Form = MessageForm.AsWritten) : IUnsent
{
    INotice IUnsent.Notice => Request;

    private static readonly VersionedRef none = new("", 0, "");
    private static readonly NotificationRequested unknown = new(
        "", "", "", default, default, default, none, none, none, none, "", "", [], RenderedMessage.None);

    /// <summary>The correlation id of the resend or replay that requested it; its own is that of the alarm. Null if the alarm requested it.</summary>
    public string? RequestCorrelationId { get; init; }

    /// <summary>Its events belong to the alarm's trail, and are also found by the request that resent it.</summary>
    public AuditContext Audit => AuditContext.OfSystem(CorrelationId, CausationId) with { RequestCorrelationId = RequestCorrelationId };

    /// <summary>The results of earlier attempts that the next one needs; null: none.</summary>
    public Earlier? Earlier { get; init; }

    /// <summary>The keys of receivers to whom a later change of its alarm was sent, or is being sent, and of others who received it with
    /// them.</summary>
    public IReadOnlySet<string> Told { get; init; } = FrozenSet<string>.Empty;

    /// <summary>The receivers without a result to whom nothing later was sent.</summary>
    public IReadOnlyList<Receiver> Untold => [.. Receivers.Where(x => !LateNotification.IsTold(x, Told))];

    /// <summary>It is not sent to some of its receivers, or to none. What somebody resends deliberately is always sent.</summary>
    public bool IsOvertaken => Told.Count > 0 && Request.ReplayOf is null && (Unreadable is not null || Untold.Count < Receivers.Count);

    /// <summary>The platform has accepted a message of it, and is asked for the result before anything else of it is sent.</summary>
    public bool IsAsked => Earlier?.RequestId is not null;

    /// <summary>Those who have a result and are not sent it again. If it was partly sent, nobody: the remaining requests are those that were made for
    /// all.</summary>
    public IReadOnlyList<ReceiverOutcome> Judged => RequestsDone == 0 ? Earlier?.Judged ?? [] : [];

    /// <summary>The receivers without a result yet, or who stand for some without one.</summary>
    public IReadOnlyList<Receiver> Receivers => Judged is { Count: > 0 } judged
        ? [.. Request.Receivers.Where(x => !judged.Any(j => j.IsOf(x.Kind, x.Account)))] : Request.Receivers;

    internal static Earlier? ReadEarlier(string? json) => json is null ? null : JsonSerializer.Deserialize<Earlier>(json, NotifyJson.Options);

    /// <summary>Why its first event, and with it the request, cannot be read; null when it can.</summary>
    public Exception? Unreadable { get; init; }

    private const string Columns =
        $"n.tries, n.requests_done, e.data, n.requested_at, e.correlation_id, e.id, n.unknowns, n.form, e.headers->>'{AuditContext.TraceParentHeader}', e.headers->>'{AuditContext.RequestCorrelationHeader}', n.earlier";

    /// <summary>Attempts that another process, or an earlier one, started on these lanes without recording an outcome: the row has the version from
    /// before the attempt, and the stream has one event more.</summary>
    /// <param name="inFlight">The ids of work in flight in this process, whose outcome is still to come.</param>
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

    /// <summary>When open work on these lanes that is not due yet becomes due.</summary>
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

    /// <returns>The request; if it cannot be read, an empty one and the reason.</returns>
    /// <param name="data">Null: the event does not exist.</param>
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
