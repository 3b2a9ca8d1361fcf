using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel.Http;

namespace Notify.Channels.WeCom;

public static class WeComRegistration
{
    public static IServiceCollection AddWeCom(this IServiceCollection services, IConfiguration configuration)
    {
        var origins = configuration.GetSection("Notify:WeCom:AllowedOrigins").Get<string[]>() ?? [];
        return services.AddProblemTexts(WeComProblemTexts.Lines).AddSingleton<IChannel>(_ => new WeComChannel(new WeComServiceSettings(origins)));
    }
}
