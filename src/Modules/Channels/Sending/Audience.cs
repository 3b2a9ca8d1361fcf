namespace Notify.Channels.Sending;

/// <summary>The recipients of one message, as the platform counts them.</summary>
/// <param name="Members">If the lane's members are counted separately, their accounts in lower case; <see cref="Lane"/> if the lane is counted
/// as a whole.</param>
/// <param name="Persons">How many recipients count towards the lane's daily limit.</param>
public sealed record Audience(IReadOnlyList<string> Members, int Persons)
{
    /// <summary>The single member of a lane that is counted as a whole. This value is stored.</summary>
    public const string Lane = "lane";

    /// <summary>For what is not sent.</summary>
    public static readonly Audience Nobody = new([], 0);

    public static readonly Audience One = new([Lane], 1);

    /// <summary>The recipients that have no outcome yet.</summary>
    public Audience Without(IReadOnlyList<ReceiverOutcome> judged)
    {
        if (judged.Count == 0) return this;
        List<string> left = [.. Members.Where(x => !judged.Any(j => string.Equals(j.Account, x, StringComparison.OrdinalIgnoreCase)))];
        return new(left, Persons - (Members.Count - left.Count));
    }
}
