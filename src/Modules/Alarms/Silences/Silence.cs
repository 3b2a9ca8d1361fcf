using System.Text.Json.Serialization;
using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Alarms.Silences;

/// <summary>Somebody created a silence: alarms that match all its matchers are shelved from its start until its end.</summary>
/// <param name="Name">The matchers in one line, for the history.</param>
/// <param name="By">The author given in the request, or else the caller.</param>
/// <param name="Reason">The author's comment.</param>
public sealed record SilenceCreated(
    string Name, IReadOnlyList<SilenceMatcher> Matchers, DateTimeOffset StartsAt, DateTimeOffset EndsAt, string By, string Reason)
{
    /// <summary>The paths to which its author is limited; absent: no limit.</summary>
    public IReadOnlyList<string>? Paths { get; init; }

    /// <summary>The silence that ended because this one replaces it.</summary>
    public string? Replaces { get; init; }
}

public sealed record SilenceChanged(DateTimeOffset StartsAt, DateTimeOffset EndsAt, string By, string Reason);

/// <summary>A silence ended; <paramref name="TimeIsUp"/>: because the time was up.</summary>
public sealed record SilenceExpired(DateTimeOffset EndedAt, bool TimeIsUp);

/// <summary>A condition on one label, as in Alertmanager.</summary>
public sealed record SilenceMatcher(string Name, string Value, bool IsRegex, bool IsEqual)
{
    public override string ToString() => $"{Name}{(IsEqual ? IsRegex ? "=~" : "=" : IsRegex ? "!~" : "!=")}\"{Value}\"";
}

[JsonConverter(typeof(JsonStringEnumConverter<SilenceState>))]
public enum SilenceState
{
    [JsonStringEnumMemberName("active")] Active,
    [JsonStringEnumMemberName("pending")] Pending,
    [JsonStringEnumMemberName("expired")] Expired,
}

/// <summary>A silence, folded from its events. Stream <c>silence-…</c>.</summary>
public sealed record Silence
{
    /// <summary>An alarm that is reported at the moment when a silence begins or ends may still be decided by the previous silences. After this time
    /// the silence is applied again to correct it; no transaction takes longer.</summary>
    private static readonly TimeSpan settled = TimeSpan.FromSeconds(30);

    public required string Id { get; init; }
    public long Version { get; init; }
    public IReadOnlyList<SilenceMatcher> Matchers { get; init; } = [];
    public DateTimeOffset StartsAt { get; init; }
    public DateTimeOffset EndsAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Null when its end is not recorded yet.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    public string By { get; init; } = "";
    public string Reason { get; init; } = "";

    /// <inheritdoc cref="SilenceCreated.Paths"/>
    public IReadOnlyList<string>? Paths { get; init; }

    public SilenceState StateAt(DateTimeOffset now) =>
        EndedAt is not null || EndsAt <= now ? SilenceState.Expired : StartsAt > now ? SilenceState.Pending : SilenceState.Active;

    /// <summary>When the silence must be applied next; null: never.</summary>
    public DateTimeOffset? DueAfter(DateTimeOffset now)
    {
        DateTimeOffset[] instants = EndedAt is { } ended ? [ended + settled] : [UpdatedAt + settled, StartsAt, StartsAt + settled, EndsAt];
        return instants.Where(x => x > now).Select(x => (DateTimeOffset?)x).Min();
    }

    /// <summary>A caller who is limited to paths sees silences whose paths are all among theirs.</summary>
    public bool IsSeenBy(PathLimit limit) =>
        limit.IsNone || (Paths is { Count: > 0 } paths && paths.All(x => limit.Texts.Contains(x, StringComparer.OrdinalIgnoreCase)));

    public AlarmSilence ForAlarm() => new(Id, By, EndsAt);

    /// <summary>As in Alertmanager: end, author and comment can be changed, and the start while it is in the future; with other matchers it is
    /// another silence.</summary>
    public bool CanBecome(SilenceDraft draft, DateTimeOffset now) =>
        Matchers.Count == draft.Matchers.Count && Matchers.ToHashSet().SetEquals(draft.Matchers) && StateAt(now) switch
        {
            SilenceState.Active => draft.StartsAt.ToUnixTimeSeconds() == StartsAt.ToUnixTimeSeconds(),
            SilenceState.Pending => draft.StartsAt >= now,
            _ => false,
        };

    public static Silence Apply(Silence? silence, string id, object @event, DateTimeOffset at)
    {
        var current = silence ?? new Silence { Id = id };
        var next = @event switch
        {
            SilenceCreated e => current with
            {
                Matchers = e.Matchers,
                StartsAt = e.StartsAt,
                EndsAt = e.EndsAt,
                By = e.By,
                Reason = e.Reason,
                Paths = e.Paths
            },
            SilenceChanged e => current with { StartsAt = e.StartsAt, EndsAt = e.EndsAt, By = e.By, Reason = e.Reason },
            SilenceExpired e => current with { EndsAt = e.EndedAt, EndedAt = e.EndedAt },
            _ => throw new InvalidOperationException($"The event {@event.GetType().Name} does not belong to a silence."),
        };
        return next with { Version = current.Version + 1, UpdatedAt = at };
    }
}
