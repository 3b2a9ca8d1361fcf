using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Projections;
using Marten.Schema;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;

namespace Notify.Kernel.Resources;

public static class ResourceModule
{
    /// <summary>The index that keeps names unique if all checks fail.</summary>
    internal static string UniqueName(string table) => $"{table}_name_unique";

    /// <summary>Registers all that one kind of configuration resource needs: its snapshot, its unique names, its store and reader.</summary>
    /// <param name="table">The kind's <see cref="ResourceKind{TResource, TSettings}.Table"/>.</param>
    /// <param name="title">The kind's <see cref="ResourceKind{TResource, TSettings}.Title"/>, if it differs.</param>
    public static IServiceCollection AddResource<TResource, TSettings>(
        this IServiceCollection services, string table, Func<IServiceProvider, ResourceKind<TResource, TSettings>> kind,
        ResourceProjection<TResource, TSettings> projection, string? title = null)
        where TResource : Resource<TSettings>, new()
        where TSettings : class
    {
        services.TryAddSingleton<ChangeTurns>();
        services.TryAddScoped<ResourcePast>();
        services.AddSingleton(kind);
        services.AddSingleton(projection);
        services.AddScoped<ResourceStore<TResource, TSettings>>();
        services.AddScoped<IApprovedChanges>(x => x.GetRequiredService<ResourceStore<TResource, TSettings>>());
        services.AddScoped<ResourceReader<TResource, TSettings>>();
        services.AddSingleton<ResourceLog<TResource, TSettings>>();
        services.AddSingleton<CurrentResources<TResource, TSettings>>();
        services.AddSingleton(x =>
            new FoldedTable(
                title ?? table, DocumentTables.Of(table), typeof(TResource), row => ((TResource)row).Name,
                async (snapshot, unreadable, cancellation) =>
            (await x.GetRequiredService<CurrentResources<TResource, TSettings>>().FoldAllAsync(snapshot, cancellation, unreadable))
                .ToDictionary(r => r.Id, object (r) => r, StringComparer.Ordinal)));
        services.AddOwnedTables(new OwnedTable(DocumentTables.Of(table)) { Texts = ["data"], Noun = title ?? table });
        services.AddSingleton<ConfiguredKind, ConfiguredKind<TResource, TSettings>>();
        return services.ConfigureMarten(options =>
        {
            options.Projections.Add(projection, ProjectionLifecycle.Inline);
            options.Schema.For<TResource>().DocumentAlias(table).Identity(x => x.Id)
                .UniqueIndex(UniqueIndexType.Computed, UniqueName(table), x => x.NameKey)
                .Index(x => x.CreatedAt, index => index.Name = $"{table}_created_at");
        });
    }
}
