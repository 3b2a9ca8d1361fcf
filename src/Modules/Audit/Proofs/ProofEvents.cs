using Notify.Kernel.Events;

namespace Notify.Audit.Proofs;

/// <summary>The history was recomputed and compared with the log. Stream <c>verification-…</c>.</summary>
/// <param name="Entries">How many events were compared.</param>
/// <param name="Finding">The first fault, in words.</param>
/// <param name="From">The beginning of the verified period; null, like <paramref name="To"/>: the whole history.</param>
/// <param name="Findings">The number of faults.</param>
public sealed record HistoryVerified(
    bool Valid, long Entries, long Size, long Signed, string? Kind, string? Finding, long? Sequence, DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    long Findings = 0);

/// <summary>Entries were exported with their proofs. Stream <c>audit-export-…</c>.</summary>
/// <param name="Paths">The paths to which the requester, and so the export, is limited; null: not limited.</param>
public sealed record HistoryExported(
    string Format, DateTimeOffset? From, DateTimeOffset? To, string? Resource, string? Notification, long Size, IReadOnlyList<string>? Paths = null);

/// <summary>Checkpoints are signed with another key from now on. Stream <c>audit-key-…</c>.</summary>
public sealed record SigningKeyReplaced(string Old, string New);

/// <summary>
/// Texts that named a person were erased from the history, on request. The event does not say which. Stream <c>erasure-…</c>, with an event for each
/// thousand entries.
/// </summary>
/// <param name="Tables">How many rows of each table other than the events were changed.</param>
/// <param name="Seal">Proves that this installation wrote the record, and for which entries; a record without it does not justify an erasure.</param>
public sealed record PersonalDataErased(
    string Reason, IReadOnlyList<ErasedEntry> Entries, IReadOnlyDictionary<string, long> Tables, string? Seal = null);

/// <param name="Values">The numbers of the erased values, in the order of the event; 0: its whole body.</param>
/// <param name="After">If the whole body counts as erased: SHA-256 of what is left of it, so that a change of the rest is detected.</param>
public sealed record ErasedEntry(long Sequence, IReadOnlyList<int> Values, string? After = null);

/// <summary>Events whose retention period had ended were archived; each left its number, its commitment and its leaf. Stream
/// <c>expiry-…</c>.</summary>
/// <param name="Class">The class in the retention settings.</param>
/// <param name="Before">The newest event of each of their streams is older than this.</param>
/// <param name="Seal">Like that of <see cref="PersonalDataErased"/>.</param>
public sealed record EntriesExpired(string Class, DateTimeOffset Before, IReadOnlyList<ErasedEntry> Entries, string? Seal = null);

/// <summary>A legal hold was placed; nothing that it covers expires while it lasts. Stream <c>hold-…</c>.</summary>
/// <param name="Resource">A stream, or a kind of streams; null: all.</param>
public sealed record HoldPlaced(string Name, string? Resource, DateTimeOffset? From, DateTimeOffset? To, string Reason);

/// <param name="Seal">Proves that this installation wrote the record; without it the hold remains in force.</param>
public sealed record HoldReleased(string Reason, string? Seal = null);

public static class ProofEvents
{
    public const string ErasedName = "audit.personal_data_erased.v1";
    public const string ExpiredName = "audit.entries_expired.v1";
    public const string HoldPlacedName = "audit.hold_placed.v1";
    public const string HoldReleasedName = "audit.hold_released.v1";

    public static readonly EventType[] All =
    [
        EventType.Of<HistoryVerified>(
        "audit.history_verified.v1", "The history was recomputed from the stored events and compared with the log and its checkpoints.") with
        { ChangesNothing = true },
        EventType.Of<HistoryExported>("audit.history_exported.v1", "Entries of the history were exported with their proofs.") with
        { ChangesNothing = true },
        EventType.Of<PersonalDataErased>(ErasedName,
        "Personal data was erased from events, on request; the log remains valid.") with { IsLookedFor = true },
        EventType.Of<EntriesExpired>(
        ExpiredName, "Expired events were removed; their leaves remain.") with { IsLookedFor = true },
        EventType.Of<HoldPlaced>(
        HoldPlacedName, "A legal hold was placed; what it covers does not expire.") with { IsLookedFor = true },
        EventType.Of<HoldReleased>(HoldReleasedName, "A legal hold was released.") with { IsLookedFor = true },
        EventType.Of<Checkpoints.CheckpointsAccepted>(
            Checkpoints.Baseline.AcceptedEvent,
            "Somebody accepted, with a reason, that checkpoints are signed although something signed earlier is missing.") with { IsLookedFor =
            true },
        EventType.Of<SigningKeyReplaced>("audit.signing_key_replaced.v1", "Checkpoints are signed with a new key from then on."),
    ];

    public static readonly EventSummary[] Summaries =
    [
        new("audit.history_verified.v1",
            "[{?valid}The history was verified without findings][{?finding}The history does not verify: {finding}][; from {from}][; until {to}]",
            "[{?valid}审计记录验证通过][{?finding}审计记录验证未通过：{finding}][；自 {from}][；至 {to}]"),
        new("audit.history_exported.v1", "Entries of the history were exported with their proofs", "导出审计记录及其证明"),
        new(ErasedName, "Personal data was erased from the history", "从审计记录中擦除个人信息"),
        new(ExpiredName, "Expired events were removed ({class})", "到期的记录已清除（{class}）"),
        new(HoldPlacedName, "The legal hold “{name}” was placed", "设置保全“{name}”"),
        new(HoldReleasedName, "A legal hold was released", "解除保全"),
        new("audit.checkpoints_accepted.v1", "The state of the history was accepted and checkpoints are signed again; refused before: {refused}",
        "恢复签署检查点；此前拒绝签署的原因：{refused}"),
        new("audit.signing_key_replaced.v1", "The key that signs checkpoints was replaced", "更换检查点签名密钥"),
    ];
}
