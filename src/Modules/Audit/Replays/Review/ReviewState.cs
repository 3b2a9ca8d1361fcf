using System.Text.Json;
using Notify.Kernel;

namespace Notify.Audit.Replays.Review;

/// <summary>What the steps of a review hand on: where it is, and what the summary will say.</summary>
public sealed class ReviewState
{
    public const int Buckets = 60;

    /// <summary>What is counted, and how. A state that counts otherwise is an earlier version's: its review is begun anew.</summary>
    private const int CurrentForm = 2;

    public int Form { get; set; }
    public long Position { get; set; }
    public int Steps { get; set; }
    public long Entries { get; set; }
    public long FirstSequence { get; set; }
    public long LastSequence { get; set; }
    public SortedDictionary<string, long> Counts { get; set; } = new(StringComparer.Ordinal);

    /// <summary>For each sixtieth of the period: alarms, notifications asked for, delivered, failed or suppressed.</summary>
    public long[][] Timeline { get; set; } = [.. Enumerable.Range(0, Buckets).Select(_ => new long[4])];

    /// <summary>By receiver: asked for, delivered, failed for good, suppressed; and of those asked for in the period, how many have come to no end in it.</summary>
    public SortedDictionary<string, long[]> Receivers { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The configuration that was used: <c>rule-…@3</c>.</summary>
    public SortedSet<string> Used { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Columns of <see cref="Receivers"/>.</summary>
    public const int Asked = 0, Delivered = 1, Failed = 2, Suppressed = 3, StillOpen = 4;

    public static ReviewState Read(byte[]? state, ReplayRequested request) =>
        state is not null && JsonSerializer.Deserialize<ReviewState>(state, NotifyJson.Options) is { Form: CurrentForm } current
            ? current
            : new ReviewState { Form = CurrentForm, Position = request.After };

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, NotifyJson.Options);

    public void Add(ReviewEvent e, ReviewSubject? subject, ReplayRequested request)
    {
        if (Entries++ == 0) FirstSequence = e.Sequence;
        LastSequence = e.Sequence;
        var bucket = Timeline[Math.Clamp((int)((e.At - request.From).Ticks * Buckets / Math.Max(1, (request.To - request.From).Ticks)), 0, Buckets - 1)];
        switch (e.Type)
        {
            case "alarms.alarm_reported.v1":
                Count(e.Version == 1 ? "alarmsRaised" : e.Text("late") == "true" ? "reportsLate" : "alarmChanges");
                bucket[0]++;
                break;
            case "alarms.report_repeated.v1": Count("reportsRepeated"); break;
            case "alarms.alarm_expired.v1": Count("alarmChanges"); break;
            case "alarms.alarm_acknowledged.v1": Count("acknowledged"); break;
            case "alarms.alarm_shelved.v1": Count("shelved"); break;
            case "alarms.alarm_unshelved.v1": Count("unshelved"); break;
            case "rules.alarm_decided.v1":
                Count("decisions");
                if (e.Text("nobody") is not null) Count("nobodyToTell");
                break;
            case "delivery.notification_requested.v1":
                Count(e.Text("replayOf") is null ? "notifications" : "repeats");
                bucket[1]++;
                ForEach(subject, Asked);
                Open(subject, 1);
                foreach (var field in (string[])["rule", "service", "message", "schedule"])
                    if (e.Json.TryGetProperty(field, out var used) && used.GetProperty("version").GetInt64() is var version and > 0) Used.Add($"{used.GetProperty("id").GetString()}@{version}");
                break;
            case "delivery.notification_suppressed.v1":
                Count("suppressed");
                Count($"suppressed.{e.Text("reason")}");
                bucket[3]++;
                ForEach(subject, Suppressed);
                Open(subject, -1);
                break;
            case "delivery.notification_cancelled.v1":
                Count("suppressed");
                Count("suppressed.cancelled");
                bucket[3]++;
                ForEach(subject, Suppressed);
                Open(subject, -1);
                break;
            case "delivery.attempt_succeeded.v1":
                var partly = e.Json.GetProperty("failedReceivers").GetArrayLength() > 0;
                Count(partly ? "partlyDelivered" : "delivered");
                bucket[2]++;
                Told(e, subject);
                Open(subject, -1);
                break;
            case "delivery.attempt_failed.v1" or "delivery.attempt_outcome_unknown.v1":
                Count(e.Type == "delivery.attempt_failed.v1" ? "attemptsFailed" : "attemptsUnknown");
                if (e.Text("retryAt") is not null) break;
                Count("failed");
                bucket[3]++;
                ForEach(subject, Failed);
                Open(subject, -1);
                break;
            case "delivery.notification_failed.v1":
                Count("failed");
                bucket[3]++;
                ForEach(subject, Failed);
                Open(subject, -1);
                break;
            case AuditModule.DeadLetterFoundEvent:
                // Nobody was told of what is in it, and nothing of it is on record as a notification.
                Count("putAside");
                if (e.Json.GetProperty("undecided").GetInt32() is var undecided and > 0) Count("undecided", undecided);
                foreach (var receivers in e.Json.GetProperty("receivers").EnumerateArray())
                {
                    Count("failed");
                    bucket[3]++;
                    foreach (var receiver in receivers.GetString()!.Split(", ")) Of(receiver)[Failed]++;
                }

                break;
            case "delivery.notification_dismissed.v1": Count("dismissed"); break;
            case "delivery.notification_resent.v1": Count("resent"); break;
            default:
                if (e.IsConfiguration) Count("configurationChanges");
                break;
        }
    }

    private void Count(string name, int by = 1) => Counts[name] = Counts.GetValueOrDefault(name) + by;

    /// <summary>One more that has come to no end, or one less. What was asked for before the period is not counted when it ends either.</summary>
    private void Open(ReviewSubject? subject, int by)
    {
        if (subject is not { IsOfPeriod: true }) return;
        Count("stillOpen", by);
        ForEach(subject, StillOpen, by);
    }

    private void Told(ReviewEvent e, ReviewSubject? subject)
    {
        var failed = e.Json.GetProperty("failedReceivers").EnumerateArray().Select(x => x.GetProperty("account").GetString()!).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var receiver in Names(subject)) Of(receiver)[failed.Contains(receiver) ? Failed : Delivered]++;
    }

    private void ForEach(ReviewSubject? subject, int column, int by = 1)
    {
        foreach (var receiver in Names(subject)) Of(receiver)[column] += by;
    }

    private static IReadOnlyList<string> Names(ReviewSubject? subject) => subject?.Names ?? [];

    private long[] Of(string receiver) => Receivers.TryGetValue(receiver, out var counts) ? counts : Receivers[receiver] = new long[5];
}
