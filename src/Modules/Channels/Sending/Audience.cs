namespace Notify.Channels.Sending;

/// <summary>Whom one message reaches, as the platform counts them.</summary>
/// <param name="Members">Of a lane that counts its members apart, their accounts in lower case; <see cref="Lane"/> where the lane is counted as
/// one.</param>
/// <param name="Persons">How many it counts against the lane's day.</param>
public sealed record Audience(IReadOnlyList<string> Members, int Persons)
{
    /// <summary>The single member of a lane that is counted as a whole. This value is stored.</summary>
    public const string Lane = "lane";

    /// <summary>Of what is not sent.</summary>
    public static readonly Audience Nobody = new([], 0);

    public static readonly Audience One = new([Lane], 1);
}
