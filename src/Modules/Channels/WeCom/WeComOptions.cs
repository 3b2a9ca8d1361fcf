using Notify.Channels.Http;

namespace Notify.Channels.WeCom;

/// <summary>The section <c>Notify:WeCom</c>, as far as it is about reaching the platform.</summary>
public sealed class WeComOptions : PlatformHttpOptions
{
    public const string Section = "Notify:WeCom";

    /// <summary>The platform's own origin: robots are configured with URLs of it, whatever way leads there.</summary>
    public static readonly Uri Platform = new("https://qyapi.weixin.qq.com");

    /// <summary>Where the platform is reached: itself, or a relay with a fixed address that the platform trusts. May have a path, which goes before
    /// the platform's.</summary>
    public Uri ApiBaseUrl { get; set; } = Platform;
}
