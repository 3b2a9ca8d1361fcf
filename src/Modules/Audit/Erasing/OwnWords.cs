using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Notify.Channels;
using Notify.Kernel;
using Notify.Kernel.Events;

namespace Notify.Audit.Erasing;

/// <summary>Notify's own words, such as names of fields and states. They occur in every event: erasing one would damage the history and protect
/// nobody.</summary>
public sealed class OwnWords(EventCatalog catalog, ChannelCatalog channels)
{
    private static readonly JsonSerializerOptions json = new(NotifyJson.Options) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    private readonly Lazy<HashSet<string>> words = new(() =>
    {
        HashSet<string> found = new(
            ["user", "anonymous", "apiKey", "audit", "actor-name", "actor-kind", "source-ip"], StringComparer.OrdinalIgnoreCase);
        found.UnionWith(channels.Types);
        found.UnionWith(channels.Kinds.Select(x => x.Kind));
        HashSet<Type> seen = [];
        foreach (var type in catalog.Modules.SelectMany(x => x.Types))
        {
            found.Add(type.Name);
            Collect(type.ClrType, found, seen);
        }

        return found;
    });

    public bool Include(Subject subject) => words.Value.Any(subject.IsIn);

    private static void Collect(Type type, HashSet<string> found, HashSet<Type> seen)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (!seen.Add(type)) return;
        if (type.IsEnum) found.UnionWith(Enum.GetNames(type));
        var info = json.GetTypeInfo(type);
        if (info.ElementType is { } element) Collect(element, found, seen);
        if (info.Kind != JsonTypeInfoKind.Object) return;
        foreach (var property in info.Properties)
        {
            found.Add(property.Name);
            Collect(property.PropertyType, found, seen);
        }
    }
}
