using Notify.Kernel.Texts;

namespace Notify.Operation.Pages;

/// <summary>A lane as <c>GET /lanes</c> answers it.</summary>
public sealed record ShownLane(
    string Id, string Name, string? Node, long Waiting, DateTimeOffset? OldestRequestedAt, IReadOnlyList<ShownLane.Service> Through,
    ShownLane.Block? Blocked, ShownLane.Explained? Explanation, int? PaceLeft, int? DayLeft)
{
    public sealed record Service(string Id, string Name);

    public sealed record Block(DateTimeOffset Since, string? PlatformCode, string? PlatformMessage, string? EgressIp, DateTimeOffset TriedAgainAt);

    public sealed record Explained(BilingualText Meaning, BilingualText Advice);
}

/// <summary>The last verification of the history, as <c>GET /audit/verify</c> answers it.</summary>
public sealed record ShownVerification(DateTimeOffset? LastAt, ShownVerification.Result? Last)
{
    public sealed record Result(bool Valid);
}
