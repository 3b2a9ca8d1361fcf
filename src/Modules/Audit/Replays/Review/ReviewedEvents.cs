using System.Collections.Frozen;
using System.Text.Json;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Resources;
using Notify.Kernel.Reviewing;

namespace Notify.Audit.Replays.Review;

/// <summary>How the modules describe their events (<see cref="ModuleReview"/>), by the names under which events are stored.</summary>
public sealed class ReviewedEvents
{
    private readonly FrozenDictionary<string, ReviewedType> types;
    private readonly FrozenDictionary<string, ReviewedStream> streams;
    private readonly FrozenSet<string> configuration;

    public ReviewedEvents(IEnumerable<ModuleReview> modules, IEnumerable<ConfiguredKind> kinds, EventCatalog catalog)
    {
        var all = modules.ToList();
        types = all.SelectMany(x => x.Types).ToFrozenDictionary(x => catalog[x.ClrType].Name, StringComparer.Ordinal);
        streams = all.SelectMany(x => x.Streams).ToFrozenDictionary(x => x.Kind, StringComparer.Ordinal);
        configuration = kinds.Select(x => x.Noun).ToFrozenSet(StringComparer.Ordinal);
        Patterns = [.. all.Select(x => $"{x.Prefix}%")];
    }

    /// <summary>Patterns for <c>like</c> of the event types that are part of an incident. Sign-ins and requests for replays are not.</summary>
    public string[] Patterns { get; }

    public bool IsConfiguration(string stream) => configuration.Contains(KindOf(stream));

    /// <summary>Whether the stream is about an alarm or a notification of one; its first event tells which alarm.</summary>
    public bool HasSubject(string stream) => streams.ContainsKey(KindOf(stream));

    /// <param name="first">Reads the first event of the stream as a type.</param>
    public ReviewSubject? SubjectOf(string stream, Func<Type, object?> first) =>
        streams[KindOf(stream)] is var kind && first(kind.Fields) is { } e ? kind.SubjectOf(stream, e) : null;

    public ReviewedType? Find(string type) => types.GetValueOrDefault(type);

    /// <returns>Null: the data cannot be read.</returns>
    public static object? Read(Type type, ReadOnlySpan<byte> data)
    {
        try
        {
            return JsonSerializer.Deserialize(data, NotifyJson.Options.GetTypeInfo(type));
        }
        catch (Exception e) when (EventRecord.IsUnreadable(e))
        {
            return null;
        }
    }

    private static string KindOf(string stream) => stream.IndexOf('-', StringComparison.Ordinal) is > 0 and var end ? stream[..end] : stream;
}
