using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Notify.Channels.Http;
using Notify.Channels.Sending;
using Notify.Kernel;
using Notify.Kernel.Secrets;

namespace Notify.Channels.WeCom;

internal static class WeComHttpClient
{
    public static IServiceCollection AddWeComClient(this IServiceCollection services, IConfiguration configuration)
    {
        services.CheckDuration($"{WeComOptions.Section}:ProbeInterval", Durations.LongestInterval);
        services.AddPlatformHttp<WeComOptions>(configuration, WeComChannel.TypeName, WeComOptions.Section)
            .Validate(x => x.ApiBaseUrl.IsAbsoluteUri && x.ApiBaseUrl.Scheme is "https" or "http",
                "Notify:WeCom:ApiBaseUrl must be an http or https URL.");
        services.TryAddSingleton(provider => new WeComClient(
            provider.PlatformClient(WeComChannel.TypeName),
            provider.GetRequiredService<IOptions<WeComOptions>>().Value,
            provider.GetRequiredService<KnownSecrets>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<WeComClient>>(),
            provider.GetService<ISharedTokens>()));
        return services;
    }
}
