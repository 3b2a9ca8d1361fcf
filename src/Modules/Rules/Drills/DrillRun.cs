using System.Text.Json.Serialization;
using Notify.Contracts.Delivery;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Events;

namespace Notify.Rules.Drills;

/// <summary>A run of a drill began; stored before its message is sent. Stream <c>drillrun-…</c>.</summary>
/// <param name="PlannedAt">When the run was planned; null: somebody started it.</param>
/// <param name="ConfirmWithinMinutes">Null: no confirmation is required.</param>
/// <param name="TestId">The stream of the test message that the run sends.</param>
public sealed record DrillStarted(
    string Name, VersionedRef Drill, DateTimeOffset? PlannedAt, int? ConfirmWithinMinutes, string TestId);

/// <summary>The message was sent: the platform's answer for each receiver.</summary>
/// <param name="ConfirmBy">The deadline for the confirmation; null: none is required, or not every receiver was reached.</param>
public sealed record DrillSent(IReadOnlyList<DrillReceiver> Receivers, DateTimeOffset? ConfirmBy);

/// <param name="Outcome"><c>delivered</c>, <c>accepted</c>, <c>failed</c>, <c>unknown</c> or <c>notSent</c>.</param>
/// <param name="PlatformMessage">The platform's message, or if there is none, why the message was not sent or did not arrive.</param>
public sealed record DrillReceiver(string Kind, string? Alias, string? Account, string Outcome, string? PlatformCode, string? PlatformMessage);

/// <summary>The message could not be sent.</summary>
public sealed record DrillNotSent(IReadOnlyList<string> Reasons);

/// <summary>Somebody confirmed the drill through the link in its message.</summary>
/// <param name="Link">The fingerprint of the link.</param>
public sealed record DrillConfirmed(string By, string Note, string Link);

/// <summary>Nobody confirmed in time.</summary>
public sealed record DrillUnconfirmed;

/// <summary>The process ended while sending: whether the message arrived is unknown.</summary>
public sealed record DrillInterrupted;

[JsonConverter(typeof(JsonStringEnumConverter<DrillRunState>))]
public enum DrillRunState
{
    [JsonStringEnumMemberName("sending")] Sending,

    /// <summary>The message was delivered and waits for confirmation.</summary>
    [JsonStringEnumMemberName("waiting")] Waiting,

    /// <summary>The message was delivered and, if required, confirmed.</summary>
    [JsonStringEnumMemberName("proven")] Proven,

    [JsonStringEnumMemberName("failed")] Failed,
    [JsonStringEnumMemberName("unconfirmed")] Unconfirmed,
    [JsonStringEnumMemberName("interrupted")] Interrupted,
}

/// <summary>One run of a drill, folded from its events.</summary>
public sealed record DrillRun
{
    /// <summary>The longest time that sending can take; after it, the sending process must have ended.</summary>
    public static readonly TimeSpan Sending = TimeSpan.FromMinutes(2);

    private const string Delivered = "delivered";

    /// <summary>The outcome on platforms that report the delivery later; by itself it proves nothing.</summary>
    private const string Accepted = "accepted";

    public required string Id { get; init; }

    [JsonIgnore]
    public long Version { get; init; }

    public DrillRunState State { get; init; }
    public required VersionedRef Drill { get; init; }
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>Null: somebody started the run.</summary>
    public DateTimeOffset? PlannedAt { get; init; }

    [JsonIgnore]
    public int? ConfirmWithinMinutes { get; init; }

    /// <summary>The id of the message in the history, where it is the <c>resource</c> of its entries.</summary>
    public string TestId { get; init; } = "";

    public IReadOnlyList<DrillReceiver> Receivers { get; init; } = [];

    /// <summary>Why nothing was sent; empty if it was.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    public DateTimeOffset? ConfirmBy { get; init; }
    public string? ConfirmedBy { get; init; }
    public string? Note { get; init; }
    public DateTimeOffset? ConfirmedAt { get; init; }

    /// <summary>When the run proved that the receivers can be reached; null: it has not, or not yet.</summary>
    public DateTimeOffset? ProvenAt { get; init; }

    /// <summary>When the run ends at the latest; null: it has ended.</summary>
    [JsonIgnore]
    public DateTimeOffset? DueAt => State switch
    {
        DrillRunState.Sending => StartedAt + Sending,
        DrillRunState.Waiting => ConfirmBy,
        _ => null,
    };

    /// <param name="results">One for each receiver.</param>
    /// <returns>Null: the run has ended already.</returns>
    public DrillSent? Sent(IReadOnlyList<TestResult> results, DateTimeOffset now)
    {
        if (State != DrillRunState.Sending) return null;
        // Where the platform was not asked, Notify itself says why.
        List<DrillReceiver> receivers = [.. results.Select(x => new DrillReceiver(
            x.Kind, x.Alias, x.Account, x.Outcome, x.PlatformCode,
            x.PlatformMessage ?? (x.PlatformCode is null && x.Outcome is not (Delivered or Accepted) ? x.Meaning.En : null)))];
        return new(receivers, ConfirmWithinMinutes is { } minutes && HasArrived(receivers) ? now.AddMinutes(minutes) : null);
    }

    public DrillNotSent? NotSent(IReadOnlyList<string> reasons) => State == DrillRunState.Sending ? new(reasons) : null;

    /// <returns>Null: no confirmation is required, or none is possible any more.</returns>
    public DrillConfirmed? Confirm(string by, string note, string link, DateTimeOffset now) =>
        ConfirmWithinMinutes is not null && ConfirmedAt is null && IsOpen(now) ? new(by, note, link) : null;

    /// <summary>Whether the run has not ended. Several runs of a drill may be open at the same time.</summary>
    public bool IsOpen(DateTimeOffset now) => DueAt > now;

    /// <returns>Null: the run is not due.</returns>
    public object? Expire(DateTimeOffset now) => DueAt is not { } due || due > now ? null
        : State == DrillRunState.Sending ? new DrillInterrupted() : new DrillUnconfirmed();

    private bool HasArrived(IReadOnlyList<DrillReceiver> receivers) => receivers.Count > 0
        && receivers.All(x => x.Outcome == Delivered || (x.Outcome == Accepted && ConfirmWithinMinutes is not null));

    public static DrillRun? Fold(IEnumerable<StoredEvent> events) =>
        events.Aggregate((DrillRun?)null, Apply);

    public static DrillRun Apply(DrillRun? run, StoredEvent e) => Apply(run, e.StreamId, e.Data, Instants.Cut(e.At).ToUniversalTime());

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
            // Somebody may confirm before the platform has answered for the last receiver.
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
            _ => throw new InvalidOperationException($"The event {data.GetType().Name} does not belong to a run of a drill."),
        };
        return next with { Version = run.Version + 1 };
    }
}
