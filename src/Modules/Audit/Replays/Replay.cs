using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Notify.Contracts.Replays;
using Notify.Kernel;

namespace Notify.Audit.Replays;

/// <summary>Somebody asked to review what happened, to try other rules on it, or to send it again.</summary>
/// <param name="To">Exclusive.</param>
/// <param name="After">The numbers of the period's events are greater than this, and at most <paramref name="UpTo"/>.</param>
/// <param name="ServiceId">Redeliver: the service in place of each notification's own.</param>
/// <param name="Rules">What-if: drafts in place of, or beside, the rules.</param>
/// <param name="ConfigurationVersion">What-if: the version of the configuration that is tried.</param>
/// <param name="Paths">The paths to which the requester, and so the replay, is limited; null: it is not.</param>
public sealed record ReplayRequested(
    ReplayMode Mode, DateTimeOffset From, DateTimeOffset To, ReplayFilter Filter, string? ServiceId, IReadOnlyList<JsonObject>? Rules, string? Reason,
    long After, long UpTo, long? ConfigurationVersion, IReadOnlyList<string>? Paths = null);

/// <summary>The progress of a long replay; recorded at each quarter.</summary>
public sealed record ReplayProgressed(long Done, long Total);

/// <summary>A replay has ended. The fingerprints show later that a report is unchanged.</summary>
/// <param name="Total">The total at the end; null in events of versions that did not record it.</param>
public sealed record ReplayCompleted(JsonObject Result, IReadOnlyList<ReplayReport> Reports, long? Total = null);

public sealed record ReplayCancelled(string? Reason);

/// <summary>Somebody read the report of a replay. Its fingerprint is in the replay's completion.</summary>
public sealed record ReplayReportRead(string Format, string? Language);

public sealed record ReplayFailed(string Fault);

/// <param name="Format"><c>json</c> or <c>html</c>.</param>
/// <param name="Language">The language of an HTML report: <c>en</c> or <c>zh</c>.</param>
/// <param name="Sha256">Over all bytes of the report, in hexadecimal.</param>
public sealed record ReplayReport(string Format, string? Language, long Bytes, string Sha256);

[JsonConverter(typeof(JsonStringEnumConverter<ReplayMode>))]
public enum ReplayMode
{
    [JsonStringEnumMemberName("review")] Review,
    [JsonStringEnumMemberName("whatIf")] WhatIf,
    [JsonStringEnumMemberName("redeliver")] Redeliver,
}

public enum ReplayStatus
{
    Pending,
    Running,
    Completed,
    Cancelled,
    Failed,
}

/// <summary>A replay as its events describe it. Stream <c>replay-…</c>.</summary>
public sealed record Replay
{
    public required string Id { get; init; }
    public long Version { get; init; }
    public required ReplayRequested Request { get; init; }
    public DateTimeOffset RequestedAt { get; init; }
    public required Actor RequestedBy { get; init; }
    public required string CorrelationId { get; init; }
    public ReplayStatus Status { get; init; }
    public long Done { get; init; }
    public long Total { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public Actor? EndedBy { get; init; }

    /// <summary>Why it was cancelled or failed.</summary>
    public string? EndReason { get; init; }

    /// <summary>Somebody has changed its row: only the content of the columns other than the body is known.</summary>
    [JsonIgnore]
    public bool IsUnreadable { get; init; }

    public JsonObject? Result { get; init; }
    public IReadOnlyList<ReplayReport> Reports { get; init; } = [];

    [JsonIgnore]
    public bool IsOpen => Status is ReplayStatus.Pending or ReplayStatus.Running;

    /// <summary>Whether the current caller may see the replay. A caller limited to paths sees replays that are limited to no more than
    /// those.</summary>
    [JsonIgnore]
    public bool IsSeen => PathLimit.Current.Covers(Request.Paths);

    /// <exception cref="ProblemException">409: it has already ended.</exception>
    public ReplayCancelled Cancel(string? reason) =>
        IsOpen ? new ReplayCancelled(reason) : throw ProblemException.Conflict($"The replay is {Status.ToString().ToLowerInvariant()} already.");

    public static Replay Apply(Replay? current, string id, object @event, DateTimeOffset at, Actor actor, string correlationId)
    {
        if (@event is ReplayRequested request)
            return new Replay { Id = id, Version = 1, Request = request, RequestedAt = at, RequestedBy = actor, CorrelationId = correlationId };
        var replay = current ?? throw new InvalidOperationException($"The replay {id} begins with {@event.GetType().Name}.");
        return (@event switch
        {
            ReplayProgressed e => replay with { Status = ReplayStatus.Running, Done = e.Done, Total = e.Total },
            ReplayCompleted e => replay with
            {
                Status = ReplayStatus.Completed,
                Total = e.Total ?? replay.Total,
                Done = Math.Max(e.Total ?? replay.Total, replay.Done),
                Result = e.Result,
                Reports = e.Reports,
                EndedAt = at,
                EndedBy = actor
            },
            ReplayCancelled e => replay with { Status = ReplayStatus.Cancelled, EndReason = e.Reason, EndedAt = at, EndedBy = actor },
            ReplayFailed e => replay with { Status = ReplayStatus.Failed, EndReason = e.Fault, EndedAt = at, EndedBy = actor },
            ReplayReportRead => replay,
            _ => throw new InvalidOperationException($"A replay knows no {@event.GetType().Name}."),
        }) with
        { Version = replay.Version + 1 };
    }
}
