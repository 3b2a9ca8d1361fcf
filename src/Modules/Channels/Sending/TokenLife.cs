namespace Notify.Channels.Sending;

/// <summary>When an access token is replaced: five minutes before it expires, while it is still valid; halfway if it lives for less than
/// ten.</summary>
internal static class TokenLife
{
    private static readonly TimeSpan early = TimeSpan.FromMinutes(5);

    public static DateTimeOffset RefreshAt(DateTimeOffset now, TimeSpan life) => now + (life > 2 * early ? life - early : life / 2);
}
