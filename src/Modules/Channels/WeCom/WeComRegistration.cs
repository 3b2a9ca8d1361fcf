using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Notify.Channels.Sending;
using Notify.Kernel.Http;

namespace Notify.Channels.WeCom;

public static class WeComRegistration
{
    public static IServiceCollection AddWeCom(this IServiceCollection services, IConfiguration configuration)
    {
        var origins = configuration.GetSection("Notify:WeCom:AllowedOrigins").Get<string[]>() ?? [];
        return services.AddProblemTexts(WeComProblemTexts.Lines)
            .AddWeComClient(configuration)
            .AddSingleton<IChannel>(x => new WeComChannel(
                new WeComServiceSettings(origins),
                new WeComDelivery(
                    new WeComLanes(configuration, WeComChannel.AccountKind), new(x.GetRequiredService<WeComClient>),
                    (secret, cancellation) => x.GetRequiredService<OpenedSecrets>().RevealAsync(secret, cancellation)),
                new WeComConnectionTest(
                    new(x.GetRequiredService<WeComClient>), new WeComTexts(),
                    (secret, cancellation) => x.GetRequiredService<OpenedSecrets>().RevealAsync(secret, cancellation))));
    }
}
