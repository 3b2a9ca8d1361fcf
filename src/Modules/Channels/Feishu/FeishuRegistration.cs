using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Notify.Channels.Fields;
using Notify.Channels.Http;
using Notify.Channels.Sending;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Channels.Feishu;

/// <summary>The configuration section <c>Notify:Feishu</c>.</summary>
public sealed class FeishuOptions : PlatformHttpOptions
{
    public const string Section = "Notify:Feishu";

    /// <summary>Allowed origins of webhook URLs, in addition to Feishu's and Lark's own.</summary>
    public string[] AllowedOrigins { get; set; } = [];

    /// <summary>Messages a minute to one robot; 0: no limit.</summary>
    public int BotLimitPerMinute { get; set; } = 100;

    /// <summary>How long a blocked robot waits before the first probe. More than zero.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(30);
}

public static class FeishuRegistration
{
    private static readonly string[] origins = ["https://open.feishu.cn", "https://open.larksuite.com"];

    public static IServiceCollection AddFeishu(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddPlatformHttp<FeishuOptions>(configuration, FeishuChannel.TypeName, FeishuOptions.Section)
            .Validate(x => x.BotLimitPerMinute >= 0, "Notify:Feishu:BotLimitPerMinute must be 0 or more.");
        services.CheckDuration($"{FeishuOptions.Section}:ProbeInterval", Durations.LongestInterval);
        return services.AddProblemTexts(FeishuProblemTexts.Lines).AddSingleton<IChannel>(x =>
        {
            var options = x.GetRequiredService<IOptions<FeishuOptions>>().Value;
            var address = new PlatformAddress(
                origins, "/open-apis/bot/v2/hook/", options.AllowedOrigins, $"{FeishuOptions.Section}:AllowedOrigins");
            return new FeishuChannel(
                FeishuSettings.Described(address),
                new FeishuDelivery(
                    new(() => x.PlatformHttp<FeishuOptions>(FeishuChannel.TypeName)), address,
                    // The platform also refuses more than five a second (11232); that only delays them, so there is no limit for it.
                    new LaneLimits(options.BotLimitPerMinute, 0, 0)
                    {
                        InOrder = options.BotLimitPerMinute > 0,
                        ProbeInterval = options.ProbeInterval,
                    },
                    (secret, cancellation) => x.GetRequiredService<OpenedSecrets>().RevealAsync(secret, cancellation),
                    x.GetService<TimeProvider>() ?? TimeProvider.System));
        });
    }
}
