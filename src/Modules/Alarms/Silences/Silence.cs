using System.Text.Json.Serialization;
using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Alarms.Silences;

/// <summary>Somebody created a silence: alarms that match all its matchers are shelved from its start until its end.</summary>
/// <param name="Name">The matchers in one line, for the history.</param>
/// <param name="By">The author, as given; else whoever sent it.</param>
/// <param name="Reason">The author's comment.</param>
public sealed record SilenceCreated(
    string Name, IReadOnlyList<SilenceMatcher> Matchers, DateTimeOffset StartsAt, DateTimeOffset EndsAt, string By, string Reason)
{
    /// <summary>The paths to which its author is limited; absent: everything.</summary>
    public IReadOnlyList<string>? Paths { get; init; }

    /// <summary>The silence that ended because this one took its place.</summary>
    public string? Replaces { get; init; }
}

public sealed record SilenceChanged(DateTimeOffset StartsAt, DateTimeOffset EndsAt, string By, string Reason);

/// <summary>A silence ended: <paramref name="TimeIsUp"/> says whether by itself.</summary>
public sealed record SilenceExpired(DateTimeOffset EndedAt, bool TimeIsUp);

/// <summary>A condition on one label, as Alertmanager has it.</summary>
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

/// <summary>A silence as its events describe it. Stream <c>silence-…</c>.</summary>
public sealed record Silence
{
    /// <summary>
    /// An alarm that is reported in the moment in which a silence begins or ends may be decided by the silences as they were; so long afterwards it
    /// is brought in line. No transaction takes as long.
    /// </summary>
    private static readonly TimeSpan settled = TimeSpan.FromSeconds(30);

    public required string Id { get; init; }
    public long Version { get; init; }
    public IReadOnlyList<SilenceMatcher> Matchers { get; init; } = [];
    public DateTimeOffset StartsAt { get; init; }
    public DateTimeOffset EndsAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Null when its end is not on record yet.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    public string By { get; init; } = "";
    public string Reason { get; init; } = "";

    /// <inheritdoc cref="SilenceCreated.Paths"/>
    public IReadOnlyList<string>? Paths { get; init; }

    public SilenceState StateAt(DateTimeOffset now) =>
        EndedAt is not null || EndsAt <= now ? SilenceState.Expired : StartsAt > now ? SilenceState.Pending : SilenceState.Active;

    /// <summary>When something is to be done about it next; null when nothing is.</summary>
    public DateTimeOffset? DueAfter(DateTimeOffset now)
    {
        DateTimeOffset[] instants = EndedAt is { } ended ? [ended + settled] : [UpdatedAt + settled, StartsAt, StartsAt + settled, EndsAt];
        return instants.Where(x => x > now).Select(x => (DateTimeOffset?)x).Min();
    }

    /// <summary>Of whoever is limited to paths: what they, or somebody with some of the same paths, have made.</summary>
    public bool IsSeenBy(PathLimit limit) =>
        limit.IsNone || (Paths is { Count: > 0 } paths && paths.All(x => limit.Texts.Contains(x, StringComparer.OrdinalIgnoreCase)));

    public AlarmSilence ForAlarm() => new(Id, By, EndsAt);

    /// <summary>
    /// As Alertmanager has it: the end, the author and the comment may be changed, the start before it has come; with other matchers it is another
    /// silence.
    /// </summary>
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
            _ => throw new InvalidOperationException($"A silence knows no {@event.GetType().Name}."),
        };
        return next with { Version = current.Version + 1, UpdatedAt = at };
    }
}
