using System.Text.Json;
using System.Text.Json.Serialization;
using Notify.Contracts.Replays;
using Notify.Kernel;

namespace Notify.Audit.Replays.WhatIf;

/// <summary>The state that one chunk of a what-if passes to the next: the position, and who would have been notified more, less, sooner,
/// later.</summary>
public sealed class WhatIfState
{
    public long Position { get; set; }
    [JsonPropertyName("steps")]
    public int LastPart { get; set; }
    public long Decisions { get; set; }
    public long Different { get; set; }
    public SortedDictionary<string, WhatIfReceiver> Receivers { get; set; } = new(StringComparer.Ordinal);

    /// <summary>When each receiver was first notified of each alarm, and would have been; shows who would be notified later.</summary>
    public Dictionary<string, FirstTold> First { get; set; } = new(StringComparer.Ordinal);

    public static WhatIfState Read(byte[]? state, ReplayRequested request) =>
        state is null ? new WhatIfState { Position = request.After } : JsonSerializer.Deserialize<WhatIfState>(state, NotifyJson.Options)!;

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, NotifyJson.Options);

    /// <returns>Whether the decision would have been different for anybody.</returns>
    public bool Add(ComparedDecision decision)
    {
        Decisions++;
        var steps = decision.Steps ?? [];
        var (atOnce, later) = (decision.Receivers.ToDictionary(x => x.Receiver, StringComparer.Ordinal), steps.ToLookup(x => x.Receiver));
        foreach (var name in atOnce.Keys.Union(steps.Select(x => x.Receiver), StringComparer.Ordinal))
        {
            if (!Receivers.TryGetValue(name, out var receiver)) receiver = Receivers[name] = new();
            var x = atOnce.GetValueOrDefault(name) ?? new ComparedReceiver(name, [], []);
            var (recordedSteps, wouldBeSteps) = (later[name].Count(y => y.Recorded is not null), later[name].Count(y => y.WouldBe is not null));
            var (recorded, wouldBe) = (x.Recorded.Count + recordedSteps, x.WouldBe.Count + wouldBeSteps);
            receiver.Recorded += recorded;
            receiver.WouldBe += wouldBe;
            receiver.RecordedSteps += recordedSteps;
            receiver.WouldBeSteps += wouldBeSteps;
            if (wouldBe > recorded) receiver.More++;
            if (wouldBe < recorded) receiver.Less++;
            var key = $"{decision.AlarmId}\n{name}";
            var first = First.GetValueOrDefault(key) ?? new FirstTold(null, null);
            First[key] = new(
                Earliest(first.Recorded, At(x.Recorded, decision), later[name].Min(y => y.Recorded)),
                Earliest(first.WouldBe, At(x.WouldBe, decision), later[name].Min(y => y.WouldBe)));
        }

        var different = steps.Any(x => x.Recorded != x.WouldBe)
            || decision.Receivers.Any(x => !x.Recorded.SequenceEqual(x.WouldBe, StringComparer.Ordinal));
        if (different) Different++;
        return different;
    }

    /// <summary>Call at the end: counts for each receiver the alarms whose first notification would come later, sooner, no longer, or
    /// newly.</summary>
    public void Finish()
    {
        foreach (var (key, first) in First)
        {
            var receiver = Receivers[key[(key.IndexOf('\n', StringComparison.Ordinal) + 1)..]];
            switch (first)
            {
                case { Recorded: { } then, WouldBe: { } would } when (would - then).Duration() < TimeSpan.FromSeconds(1): break;
                case { Recorded: { } then, WouldBe: { } would } when would > then:
                    receiver.Later++;
                    receiver.LongestDelaySeconds = Math.Max(receiver.LongestDelaySeconds, (would - then).TotalSeconds);
                    break;
                case { Recorded: { } then, WouldBe: { } would } when would < then: receiver.Sooner++; break;
                case { Recorded: not null, WouldBe: null }: receiver.NoLonger++; break;
                case { Recorded: null, WouldBe: not null }: receiver.Newly++; break;
            }
        }
    }

    /// <summary>A reminder of one change may come after the next change.</summary>
    private static DateTimeOffset? Earliest(params IEnumerable<DateTimeOffset?> times) => times.Min();

    private static DateTimeOffset? At(IReadOnlyList<string> rules, ComparedDecision decision) => rules.Count > 0 ? decision.At : null;
}

public sealed record FirstTold(DateTimeOffset? Recorded, DateTimeOffset? WouldBe);

/// <summary>The differences for one receiver.</summary>
public sealed class WhatIfReceiver
{
    /// <summary>Notifications that were to be sent, and that would have been.</summary>
    public long Recorded { get; set; }
    public long WouldBe { get; set; }

    /// <summary>The escalations, reminders and other ways among them.</summary>
    public long RecordedSteps { get; set; }
    public long WouldBeSteps { get; set; }

    /// <summary>Changes of alarms with more, and with fewer, notifications.</summary>
    public long More { get; set; }
    public long Less { get; set; }

    /// <summary>Alarms whose first notification would come later, sooner, no longer, or newly.</summary>
    public long Later { get; set; }
    public long Sooner { get; set; }
    public long NoLonger { get; set; }
    public long Newly { get; set; }

    public double LongestDelaySeconds { get; set; }
}
