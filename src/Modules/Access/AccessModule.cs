using Marten;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notify.Access.ApiKeys;
using Notify.Access.Approvals;
using Notify.Access.Emergencies;
using Notify.Access.Oidc;
using Notify.Access.People;
using Notify.Access.SignIns;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;

namespace Notify.Access;

/// <summary>People, API keys and permissions; who is calling; approvals and emergencies.</summary>
public static class AccessModule
{
    public static IServiceCollection AddAccessModule(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddProblemTexts(AccessProblemTexts.Lines);
        services.AddEventSummaries(EventSummaries.All);
        services.AddEvents(
            "access",
            EventType.Of<ApiKeyCreated>("access.api_key_created.v1", "An API key was created with one role; it is identified by its fingerprint."),
            EventType.Of<ApiKeyIssued>("access.api_key_issued.v1", "An API key was made: what it may, until when, and its fingerprint."),
            EventType.Of<ApiKeyChanged>("access.api_key_changed.v1", "The name, scope, expiry or reporting interval of an API key was changed."),
            EventType.Of<ApiKeyRotated>("access.api_key_rotated.v1", "An API key got a new secret; the one before stays valid for a time."),
            EventType.Of<ApiKeyRevoked>("access.api_key_revoked.v1", "An API key was revoked."),
            EventType.Of<UserCreated>("access.user_created.v1", "A person was added."),
            EventType.Of<UserChanged>("access.user_changed.v1", "What is kept of a person was replaced."),
            EventType.Of<UserEnabled>("access.user_enabled.v1", "A person was enabled."),
            EventType.Of<UserDisabled>("access.user_disabled.v1", "A person was disabled: they cannot sign in and are not notified."),
            EventType.Of<UserDeleted>("access.user_deleted.v1", "A person was removed."),
            EventType.Of<PeopleImported>("access.people_imported.v1", "People were imported from a file."),
            EventType.Of<GroupCreated>("access.group_created.v1", "A group was created."),
            EventType.Of<GroupChanged>("access.group_changed.v1", "The settings of a group were replaced."),
            EventType.Of<GroupEnabled>("access.group_enabled.v1", "A group was enabled."),
            EventType.Of<GroupDisabled>("access.group_disabled.v1", "A group was disabled: it gives no roles and is not notified."),
            EventType.Of<GroupDeleted>("access.group_deleted.v1", "A group was deleted."),
            EventType.Of<RoleCreated>("access.role_created.v1", "A role was created."),
            EventType.Of<RoleChanged>("access.role_changed.v1", "The permissions of a role were replaced."),
            EventType.Of<RoleEnabled>("access.role_enabled.v1", "A role was enabled."),
            EventType.Of<RoleDisabled>("access.role_disabled.v1", "A role was disabled: it grants nothing."),
            EventType.Of<RoleDeleted>("access.role_deleted.v1", "A role was deleted."),
            EventType.Of<SignInSucceeded>("access.sign_in_succeeded.v1", "A sign-in: an actor's first request of a day from an address.") with
            { ChangesNothing = true },
            EventType.Of<SignInFailed>(
            "access.sign_in_failed.v1", "Requests with unknown or revoked credentials, counted.") with
            { OccurredAt = "firstAt", ChangesNothing = true },
            EventType.Of<RequestRefused>("access.request_refused.v1", "Refused requests, counted.") with
            { OccurredAt = "firstAt", ChangesNothing = true },
            EventType.Of<RecordsRead>(
            "access.records_read.v1", "The history, an export, what is kept of people, or secrets by their fingerprints were read; counted by caller and query.") with
            { OccurredAt = "firstAt", ChangesNothing = true },
            EventType.Of<PermissionMissed>(
            "access.permission_missed.v1", "Requests refused because the caller lacks a permission, counted.") with
            { OccurredAt = "firstAt", ChangesNothing = true });
        services.ConfigureMarten(options => options.Storage.ExtendedSchemaObjects.Add(ApiKeyUses.Table()));
        services.AddSingleton<PeopleCache>().AddSingleton<LinkedPeople>();
        services.AddResource("role", x => new RoleKind(x.GetRequiredService<PeopleCache>()), new RoleProjection());
        services.AddResource("user", x => new UserKind(x.GetRequiredService<PeopleCache>()), new UserProjection());
        services.AddResource("group", x => new GroupKind(x.GetRequiredService<PeopleCache>()), new GroupProjection());
        services.AddResource(
            "api_key", x => new ApiKeyKind(x.GetRequiredService<PeopleCache>(), x.GetRequiredService<TimeProvider>()), new ApiKeyProjection(), "API key");
        services.AddSingleton<ApiKeyCache>();
        services.AddSingleton<ApiKeyUses>();
        services.AddHostedService(x => x.GetRequiredService<ApiKeyUses>());
        services.AddHostedService<SenderSilenceWatch>();
        services.AddScoped<ManageApiKeys>();
        services.AddSingleton<ReadDirectory>();
        services.AddScoped<ImportPeople>();
        services.AddHostedService<ApiKeyRows>();
        services.AddHostedService<BootstrapKey>();
        services.AddHostedService<MixturesAtStart>();
        services.AddSingleton<RecordSignIns>();
        services.AddSingleton<Refusals>();
        services.AddHostedService(x => x.GetRequiredService<Refusals>());
        services.AddSingleton<Reads>();
        services.AddHostedService(x => x.GetRequiredService<Reads>());
        services.AddSingleton<IntakeLimits>();
        services.AddSingleton<CallerLimit>();
        services.AddAuthentication(ApiKeyAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, null);
        // ASP.NET logs each refused request twice; RefusalLines logs them once a minute.
        services.AddLogging(x => x.AddFilter(typeof(ApiKeyAuthentication).FullName, LogLevel.Warning));
        // Endpoints require an authenticated caller unless they say otherwise.
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        services.AddSingleton<IAuthorizationHandler, PermissionHandler>();
        return services.AddSignIn().AddOidc(configuration).AddApprovals().AddEmergencies();
    }

    public static void MapAccessModule(this IEndpointRouteBuilder routes)
    {
        ApiKeyEndpoints.Map(routes);
        PermissionEndpoints.Map(routes);
        ReadDirectory.Map(routes);
        routes.MapApprovals();
        routes.MapEmergencies();
        var services = routes.ServiceProvider;
        ImportPeopleEndpoints.Map(
            routes.MapResource(services.GetRequiredService<ResourceKind<User, UserSettings>>(), ResourceDocument.Of<UserInput>(UserKind.Example)));
        routes.MapResource(services.GetRequiredService<ResourceKind<Group, GroupSettings>>(), ResourceDocument.Of<GroupSettings>(GroupKind.Example));
        routes.MapResource(services.GetRequiredService<ResourceKind<Role, RoleSettings>>(), ResourceDocument.Of<RoleSettings>(RoleKind.Example));
        routes.MapSignIn();
        routes.MapOidc();
    }
}
