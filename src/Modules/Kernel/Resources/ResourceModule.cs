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
    /// <summary>The index that keeps names unique should all else fail.</summary>
    internal static string UniqueName(string noun) => $"{noun}_name_unique";

    /// <summary>Everything one kind of configuration resource needs: its snapshot, its unique names, its store and reader.</summary>
    /// <param name="noun">The kind's <see cref="ResourceKind{TResource, TSettings}.Noun"/>.</param>
    public static IServiceCollection AddResource<TResource, TSettings>(
        this IServiceCollection services, string noun, Func<IServiceProvider, ResourceKind<TResource, TSettings>> kind,
        ResourceProjection<TResource, TSettings> projection)
        where TResource : Resource<TSettings>, new()
        where TSettings : class
    {
        services.TryAddSingleton<ChangeTurns>();
        services.TryAddScoped<ResourcePast>();
        services.AddSingleton(kind);
        services.AddSingleton(projection);
        services.AddScoped<ResourceStore<TResource, TSettings>>();
        services.AddScoped<ResourceReader<TResource, TSettings>>();
        services.AddSingleton<ResourceLog<TResource, TSettings>>();
        services.AddSingleton<CurrentResources<TResource, TSettings>>();
        services.AddSingleton(x =>
            new FoldedTable(noun, DocumentTables.Of(noun), typeof(TResource), row => ((TResource)row).Name, async (snapshot, cancellation) =>
            (await x.GetRequiredService<CurrentResources<TResource, TSettings>>().FoldAllAsync(snapshot, cancellation))
                .ToDictionary(r => r.Id, object (r) => r, StringComparer.Ordinal)));
        services.AddOwnedTables(new OwnedTable(DocumentTables.Of(noun)) { Texts = ["data"], Noun = noun });
        services.AddSingleton<ConfiguredKind, ConfiguredKind<TResource, TSettings>>();
        return services.ConfigureMarten(options =>
        {
            options.Projections.Add(projection, ProjectionLifecycle.Inline);
            options.Schema.For<TResource>().DocumentAlias(noun).Identity(x => x.Id)
                .UniqueIndex(UniqueIndexType.Computed, UniqueName(noun), x => x.NameKey)
                .Index(x => x.CreatedAt, index => index.Name = $"{noun}_created_at");
        });
    }
}
