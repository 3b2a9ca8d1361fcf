using System.Collections;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Notify.Contracts;
using Notify.Host;
using Notify.Kernel;
using Notify.Kernel.Resources;

namespace Notify.Architecture.Tests;

/// <summary>Events, messages and configuration are read for years, also those that were written when a part did not exist yet or could be left
/// out.</summary>
public sealed class AbsentPartsTests
{
    private static readonly NullabilityInfoContext nullability = new();

    [Fact]
    public void a_list_that_is_never_null_is_none_in_whatever_is_read_from_the_store_or_the_bus()
    {
        var (seen, faults) = (new HashSet<Type>(), new List<string>());
        foreach (var type in Roots()) Look(type, seen, faults);
        seen.Should().HaveCountGreaterThan(150);
        faults.Should().BeEmpty("give the property an init accessor, so that the serializer's options can make it empty (Kernel/AbsentParts.cs)");
    }

    private static IEnumerable<Type> Roots() =>
    [
        .. EventTests.Catalog.Modules.SelectMany(x => x.Types).Select(x => x.ClrType),
        .. Solution.Contracts.GetTypes().Where(x => typeof(BusMessage).IsAssignableFrom(x) && !x.IsAbstract),
        .. EventTests.Channels.All.Select(x => x.Settings.StoredType),
        .. Modules.All.SelectMany(x => x.GetTypes())
        .Where(x => x.BaseType is { IsGenericType: true } parent && parent.GetGenericTypeDefinition() == typeof(Resource<>)),
    ];

    private static void Look(Type type, HashSet<Type> seen, List<string> faults)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (!seen.Add(type) || typeof(JsonNode).IsAssignableFrom(type)) return;
        var info = NotifyJson.Options.GetTypeInfo(type);
        if (info.ElementType is { } element) Look(element, seen, faults);
        if (info.Kind != JsonTypeInfoKind.Object) return;
        foreach (var property in info.Properties)
        {
            Look(property.PropertyType, seen, faults);
            if (property.AttributeProvider is not PropertyInfo declared || !IsNeverNull(declared)) continue;
            if (property.Set is null) faults.Add($"{type.Name}.{declared.Name} cannot be set");
        }

        // Where nothing at all is required, the empty document shows it.
        if (info.Properties.Any(x => x.IsRequired) || Read(info) is not { } read) return;
        faults.AddRange(from property in info.Properties
                        let declared = property.AttributeProvider as PropertyInfo
                        where declared is not null && IsNeverNull(declared) && declared.GetValue(read) is null
                        select $"{type.Name}.{declared.Name} is null");
    }

    private static object? Read(JsonTypeInfo info) => info.Type.IsAbstract ? null : System.Text.Json.JsonSerializer.Deserialize("{}", info);

    private static bool IsNeverNull(PropertyInfo property) =>
        property.PropertyType != typeof(string) && typeof(IEnumerable).IsAssignableFrom(property.PropertyType) && !typeof(JsonNode)
            .IsAssignableFrom(property.PropertyType)
        && property.SetMethod is not null && nullability.Create(property).WriteState == NullabilityState.NotNull;
}
