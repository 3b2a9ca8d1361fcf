using System.Text.Json.Serialization.Metadata;
using Notify.Channels;

namespace Notify.Architecture.Tests;

/// <summary>What a document of events says in place of the part that belongs to the channel: a property for each channel there is.</summary>
internal static class ChannelParts
{
    public static IEnumerable<(string Name, Type Type, bool Optional)> FieldsOf(JsonTypeInfo type, ChannelCatalog channels) =>
        type.Properties.SelectMany(x => x.IsExtensionData
        ? channels.All.Select(c => (c.Settings.StoredAs, c.Settings.StoredType, true))
        : [(x.Name, x.PropertyType, x.IsGetNullable || Nullable.GetUnderlyingType(x.PropertyType) is not null)]);
}
