using System.Text.Json.Serialization.Metadata;
using Notify.Channels;
using Notify.Contracts.Rules;
using Notify.Rules.Messages;

namespace Notify.Architecture.Tests;

/// <summary>What a document of events says in place of the part that belongs to the channel: a property for each channel there is.</summary>
internal static class ChannelParts
{
    public static IEnumerable<(string Name, Type Type, bool Optional)> FieldsOf(JsonTypeInfo type, ChannelCatalog channels) =>
        type.Properties.SelectMany(x => x.IsExtensionData
        ? PartsOf(type.Type, channels)
        : [(x.Name, x.PropertyType, x.IsGetNullable || Nullable.GetUnderlyingType(x.PropertyType) is not null)]);

    private static IEnumerable<(string Name, Type Type, bool Optional)> PartsOf(Type owner, ChannelCatalog channels) =>
        owner == typeof(Receiver) ? channels.Kinds.SelectMany(x => x.Fields).DistinctBy(x => x.Name).Select(x => (x.Name, typeof(string), true))
        : owner == typeof(MessageSettings)
            ? channels.All.SelectMany(x => x.Messages.Fields).DistinctBy(x => x.Field.Name).Select(x => (x.Field.Name, typeof(string), true))
        : channels.All.Select(c => (c.Settings.StoredAs, c.Settings.StoredType, true));
}
