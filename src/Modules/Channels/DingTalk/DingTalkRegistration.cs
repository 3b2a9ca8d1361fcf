using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Notify.Channels.Fields;
using Notify.Channels.Http;
using Notify.Channels.Sending;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Channels.DingTalk;

/// <summary>The section <c>Notify:DingTalk</c>.</summary>
public sealed class DingTalkOptions : PlatformHttpOptions
{
    public const string Section = "Notify:DingTalk";

    /// <summary>Where the API of apps is reached. An http or https URL.</summary>
    public Uri ApiBaseUrl { get; set; } = new("https://api.dingtalk.com");

    /// <summary>Of webhook URLs, beside DingTalk's own.</summary>
    public string[] AllowedOrigins { get; set; } = [];

    /// <summary>Messages a minute to one robot; 0: no limit. The platform silences a robot for ten minutes after the 21st.</summary>
    public int BotLimitPerMinute { get; set; } = 20;

    /// <summary>Messages a minute of one app to one member; 0: no limit. The platform has such a limit and documents no number.</summary>
    public int MemberLimitPerMinute { get; set; } = 20;

    /// <summary>How long a blocked robot or app waits before it is tried for the first time. More than zero.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(30);
}

public static class DingTalkRegistration
{
    public static IServiceCollection AddDingTalk(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddPlatformHttp<DingTalkOptions>(configuration, DingTalkChannel.TypeName, DingTalkOptions.Section)
            .Validate(x => x.BotLimitPerMinute >= 0 && x.MemberLimitPerMinute >= 0 && x.ProbeInterval > TimeSpan.Zero,
                "Notify:DingTalk limits must be 0 or more, and Notify:DingTalk:ProbeInterval more than zero.")
            .Validate(x => x.ApiBaseUrl.IsAbsoluteUri && x.ApiBaseUrl.Scheme is "https" or "http",
                "Notify:DingTalk:ApiBaseUrl must be an http or https URL.");
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
