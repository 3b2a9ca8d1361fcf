using JasperFx.Events.Projections;
using Marten;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notify.Access.ApiKeys;
using Notify.Access.SignIns;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;

namespace Notify.Access;

/// <summary>Who may come in, and as whom.</summary>
public static class AccessModule
{
    public static IServiceCollection AddAccessModule(this IServiceCollection services)
    {
        services.AddEventSummaries(EventSummaries.All);
        services.AddEvents(
            "access",
            EventType.Of<ApiKeyCreated>("access.api_key_created.v1", "An API key was created; it is identified by its fingerprint."),
            EventType.Of<ApiKeyRevoked>("access.api_key_revoked.v1", "An API key was revoked."),
            EventType.Of<SignInSucceeded>("access.sign_in_succeeded.v1", "A sign-in: an actor's first request of a day from an address."),
            EventType.Of<SignInFailed>(
            "access.sign_in_failed.v1", "Requests with unknown or revoked credentials, counted.") with
            { OccurredAt = "firstAt" },
            EventType.Of<RequestRefused>("access.request_refused.v1", "Refused requests, counted.") with { OccurredAt = "firstAt" });
        var projection = new ApiKeyProjection();
        services.AddSingleton(projection);
        services.ConfigureMarten(options =>
        {
            options.Projections.Add(projection, ProjectionLifecycle.Inline);
            options.Schema.For<ApiKey>().DocumentAlias("api_key").Identity(x => x.Id).Index(x => x.Fingerprint);
        });
        services.AddOwnedTables(new OwnedTable(DocumentTables.Of("api_key")) { Texts = ["data"], Noun = "API key" });
        services.AddSingleton<ApiKeyCache>();
        services.AddSingleton<WrongKeys>();
        services.AddSingleton(x =>
            new FoldedTable("API key", DocumentTables.Of("api_key"), typeof(ApiKey), row => ((ApiKey)row).Name, async (snapshot, cancellation) =>
            (await x.GetRequiredService<ApiKeyCache>().FoldAsync(snapshot, cancellation))
                .ToDictionary(k => k.Id, object (k) => k, StringComparer.Ordinal)));
        services.AddHostedService<BootstrapKey>();
        services.AddSingleton<SignIns.SignIns>();
        services.AddSingleton<Refusals>();
        services.AddHostedService(x => x.GetRequiredService<Refusals>());
        services.AddAuthentication(ApiKeyAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, null);
        // ASP.NET tells of each try twice; who is refused is told once a minute (RefusalLines).
        services.AddLogging(x => x.AddFilter(typeof(ApiKeyAuthentication).FullName, LogLevel.Warning));
        // What does not say otherwise is closed.
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        services.AddSingleton<IAuthorizationHandler, PermissionHandler>();
        return services;
    }
}
