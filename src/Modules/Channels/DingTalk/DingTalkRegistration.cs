using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Notify.Channels.Fields;
using Notify.Channels.Http;
using Notify.Channels.Sending;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Channels.DingTalk;

/// <summary>The configuration section <c>Notify:DingTalk</c>.</summary>
public sealed class DingTalkOptions : PlatformHttpOptions
{
    public const string Section = "Notify:DingTalk";

    /// <summary>The base address of the API of apps, an http or https URL.</summary>
    public Uri ApiBaseUrl { get; set; } = new("https://api.dingtalk.com");

    /// <summary>Allowed origins of webhook URLs, in addition to DingTalk's own.</summary>
    public string[] AllowedOrigins { get; set; } = [];

    /// <summary>Messages a minute to one robot; 0: no limit. On the 21st message the platform silences a robot for ten minutes.</summary>
    public int BotLimitPerMinute { get; set; } = 20;

    /// <summary>Messages a minute from one app to one member; 0: no limit. The platform has such a limit but does not document its value.</summary>
    public int MemberLimitPerMinute { get; set; } = 20;

    /// <summary>How long a blocked robot or app waits before the first probe. More than zero.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(30);
}

public static class DingTalkRegistration
{
    public static IServiceCollection AddDingTalk(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddPlatformHttp<DingTalkOptions>(configuration, DingTalkChannel.TypeName, DingTalkOptions.Section)
            .Validate(x => x.BotLimitPerMinute >= 0 && x.MemberLimitPerMinute >= 0, "Notify:DingTalk limits must be 0 or more.")
            .Validate(x => x.ApiBaseUrl.IsAbsoluteUri && x.ApiBaseUrl.Scheme is "https" or "http",
                "Notify:DingTalk:ApiBaseUrl must be an http or https URL.");
        services.CheckDuration($"{DingTalkOptions.Section}:ProbeInterval", Durations.LongestInterval);
        return services.AddProblemTexts(DingTalkProblemTexts.Lines).AddSingleton<IChannel>(x =>
        {
            var options = x.GetRequiredService<IOptions<DingTalkOptions>>().Value;
            var address = new PlatformAddress(
                ["https://oapi.dingtalk.com"], "/robot/send?access_token=", options.AllowedOrigins, $"{DingTalkOptions.Section}:AllowedOrigins");
            var client = new Lazy<DingTalkClient>(() => new(
                x.PlatformHttp<DingTalkOptions>(DingTalkChannel.TypeName), options.ApiBaseUrl, x.GetRequiredService<TimeProvider>()));
            return new DingTalkChannel(
                DingTalkSettings.Described(address), new DingTalkDelivery(client, address, options, RevealAsync),
                new DingTalkConnectionTest(client, RevealAsync));

            ValueTask<string> RevealAsync(SecretRef secret, CancellationToken cancellation) =>
                x.GetRequiredService<OpenedSecrets>().RevealAsync(secret, cancellation);
        });
    }
}
