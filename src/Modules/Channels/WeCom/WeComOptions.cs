using Notify.Channels.Http;

namespace Notify.Channels.WeCom;

/// <summary>Those settings of the configuration section <c>Notify:WeCom</c> that concern HTTP.</summary>
public sealed class WeComOptions : PlatformHttpOptions
{
    public const string Section = "Notify:WeCom";

    /// <summary>The platform's own origin: robots are configured with its URLs, even if they are called through a relay.</summary>
    public static readonly Uri Platform = new("https://qyapi.weixin.qq.com");

    /// <summary>The base address for calls: the platform itself, or a relay with a fixed IP address that the platform trusts. May have a path, which
    /// precedes the platform's.</summary>
    public Uri ApiBaseUrl { get; set; } = Platform;
}
