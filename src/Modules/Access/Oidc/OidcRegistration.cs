using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Notify.Access.Oidc;

internal static class OidcRegistration
{
    /// <summary>Does nothing unless the settings name an identity provider.</summary>
    public static IServiceCollection AddOidc(this IServiceCollection services, IConfiguration configuration)
    {
        if (OidcSettings.Of(configuration) is not { } settings) return services;
        services.AddSingleton(settings);
        services.AddScoped<OidcPeople>();
        OidcEndpoints.AddTo(services, settings);
        return services;
    }

    public static void MapOidc(this IEndpointRouteBuilder routes) => OidcEndpoints.MapTo(routes);
}
