using System.Text.Json.Serialization;
using Notify.Contracts.Delivery;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Events;

namespace Notify.Rules.Drills;

/// <summary>A run of a drill began; stored before anything is sent. Stream <c>drillrun-…</c>.</summary>
/// <param name="PlannedAt">When it was to begin; null: somebody ran it by hand.</param>
/// <param name="ConfirmWithinMinutes">Null: nobody has to confirm.</param>
/// <param name="TestId">The stream of the message that it sends.</param>
public sealed record DrillStarted(
    string Name, VersionedRef Drill, DateTimeOffset? PlannedAt, int? ConfirmWithinMinutes, string TestId);

/// <summary>What the platform said of its message.</summary>
/// <param name="ConfirmBy">Until when somebody has to confirm; null: nobody has to, or not everybody was reached.</param>
public sealed record DrillSent(IReadOnlyList<DrillReceiver> Receivers, DateTimeOffset? ConfirmBy);

/// <param name="Outcome"><c>delivered</c>, <c>accepted</c>, <c>failed</c>, <c>unknown</c> or <c>notSent</c>.</param>
public sealed record DrillReceiver(string Kind, string? Alias, string? Account, string Outcome, string? PlatformCode, string? PlatformMessage);

/// <summary>Its message could not be sent.</summary>
public sealed record DrillNotSent(IReadOnlyList<string> Reasons);

/// <summary>Somebody confirmed by the link in its message.</summary>
/// <param name="Link">The fingerprint of the link.</param>
public sealed record DrillConfirmed(string By, string Note, string Link);

/// <summary>Nobody confirmed in time.</summary>
public sealed record DrillUnconfirmed;

/// <summary>The process ended while it was sending: whether the message arrived is not known.</summary>
public sealed record DrillInterrupted;

[JsonConverter(typeof(JsonStringEnumConverter<DrillRunState>))]
public enum DrillRunState
{
    [JsonStringEnumMemberName("sending")] Sending,

    /// <summary>It has arrived, and waits for somebody to confirm.</summary>
    [JsonStringEnumMemberName("waiting")] Waiting,

    /// <summary>It has arrived, and was confirmed where that was wanted.</summary>
    [JsonStringEnumMemberName("proven")] Proven,

    [JsonStringEnumMemberName("failed")] Failed,
    [JsonStringEnumMemberName("unconfirmed")] Unconfirmed,
    [JsonStringEnumMemberName("interrupted")] Interrupted,
}

/// <summary>One run of a drill as its events describe it.</summary>
public sealed record DrillRun
{
    /// <summary>So long sending takes at most; afterwards its process is gone.</summary>
    public static readonly TimeSpan Sending = TimeSpan.FromMinutes(2);

    private const string Delivered = "delivered";

    /// <summary>Said by a platform that reports later what became of it: no proof by itself.</summary>
    private const string Accepted = "accepted";

    public required string Id { get; init; }

    [JsonIgnore]
    public long Version { get; init; }

    public DrillRunState State { get; init; }
    public required VersionedRef Drill { get; init; }
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>Null: somebody ran it by hand.</summary>
    public DateTimeOffset? PlannedAt { get; init; }

    [JsonIgnore]
    public int? ConfirmWithinMinutes { get; init; }

    /// <summary>The id under which the history shows the message; it is the <c>resource</c> of its entries.</summary>
    public string TestId { get; init; } = "";

    public IReadOnlyList<DrillReceiver> Receivers { get; init; } = [];

    /// <summary>Why nothing was sent; empty: it was.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    public DateTimeOffset? ConfirmBy { get; init; }
    public string? ConfirmedBy { get; init; }
    public string? Note { get; init; }
    public DateTimeOffset? ConfirmedAt { get; init; }

    /// <summary>When it proved that the way is alive; null: it has not, or not yet.</summary>
    public DateTimeOffset? ProvenAt { get; init; }

    /// <summary>When it is over at the latest; null: it is.</summary>
    [JsonIgnore]
    public DateTimeOffset? DueAt => State switch
    {
        DrillRunState.Sending => StartedAt + Sending,
        DrillRunState.Waiting => ConfirmBy,
        _ => null,
    };

    /// <param name="results">By receiver.</param>
    /// <returns>Null: it is over already.</returns>
    public DrillSent? Sent(IReadOnlyList<TestResult> results, DateTimeOffset now)
    {
        if (State != DrillRunState.Sending) return null;
        List<DrillReceiver> receivers =
            [.. results.Select(x => new DrillReceiver(x.Kind, x.Alias, x.Account, x.Outcome, x.PlatformCode, x.PlatformMessage))];
        return new(receivers, ConfirmWithinMinutes is { } minutes && HasArrived(receivers) ? now.AddMinutes(minutes) : null);
    }

    public DrillNotSent? NotSent(IReadOnlyList<string> reasons) => State == DrillRunState.Sending ? new(reasons) : null;

    /// <returns>Null: nobody is asked to, or not any more.</returns>
    public DrillConfirmed? Confirm(string by, string note, string link, DateTimeOffset now) =>
        ConfirmWithinMinutes is not null && ConfirmedAt is null && IsOpen(now) ? new(by, note, link) : null;

    /// <summary>Whether it waits for something still: two runs of a drill may.</summary>
    public bool IsOpen(DateTimeOffset now) => DueAt > now;

    /// <returns>Null: it is not due.</returns>
    public object? Expire(DateTimeOffset now) => DueAt is not { } due || due > now ? null
        : State == DrillRunState.Sending ? new DrillInterrupted() : new DrillUnconfirmed();

    private bool HasArrived(IReadOnlyList<DrillReceiver> receivers) => receivers.Count > 0
        && receivers.All(x => x.Outcome == Delivered || (x.Outcome == Accepted && ConfirmWithinMinutes is not null));

    public static DrillRun? Fold(IEnumerable<StoredEvent> events) =>
        events.Aggregate((DrillRun?)null, (run, e) => Apply(run, e.StreamId, e.Data, Instants.Cut(e.At).ToUniversalTime()));

    public static DrillRun Apply(DrillRun? run, string id, object data, DateTimeOffset at)
    {
        if (data is DrillStarted started) return new()
        {
            Id = id,
            Version = 1,
            Drill = started.Drill,
            StartedAt = at,
            PlannedAt = started.PlannedAt,
            ConfirmWithinMinutes = started.ConfirmWithinMinutes,
            TestId = started.TestId,
        };
        if (run is null) throw new InvalidOperationException($"The run {id} has no beginning.");
        var next = data switch
        {
            DrillSent e when run.HasArrived(e.Receivers) => run with
            {
                Receivers = e.Receivers,
                ConfirmBy = e.ConfirmBy,
                State = e.ConfirmBy is null || run.ConfirmedAt is not null ? DrillRunState.Proven : DrillRunState.Waiting,
                ProvenAt = e.ConfirmBy is null || run.ConfirmedAt is not null ? at : null,
            },
            DrillSent e => run with { Receivers = e.Receivers, State = DrillRunState.Failed },
            DrillNotSent e => run with { Reasons = e.Reasons, State = DrillRunState.Failed },
            // A finger can be faster than the platform's answer about the last receiver.
            DrillConfirmed e => run with
            {
                ConfirmedBy = e.By,
                Note = e.Note.Length == 0 ? null : e.Note,
                ConfirmedAt = at,
                State = run.State == DrillRunState.Waiting ? DrillRunState.Proven : run.State,
                ProvenAt = run.State == DrillRunState.Waiting ? at : null,
            },
            DrillUnconfirmed => run with { State = DrillRunState.Unconfirmed },
            DrillInterrupted => run with { State = DrillRunState.Interrupted },
            _ => throw new InvalidOperationException($"A drill knows no {data.GetType().Name}."),
        };
        return next with { Version = run.Version + 1 };
    }
}
