using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Marten;
using Microsoft.Extensions.DependencyInjection;

namespace Notify.Kernel.Events;

/// <summary>
/// A type of event, kept forever. <paramref name="Name"/> identifies it in the store and never changes its meaning: a changed shape gets a new name
/// (<c>.v2</c>) and an upcaster.
/// </summary>
/// <param name="Name"><c>module.noun_verb.v1</c>.</param>
/// <param name="Meaning">One sentence for <c>docs/events.md</c>.</param>
public sealed record EventType(Type ClrType, string Name, string Meaning)
{
    /// <summary>The type's name as Marten stores it with the event.</summary>
    public string DotNetTypeName { get; } = $"{ClrType.FullName}, {ClrType.Assembly.GetName().Name}";

    internal JsonTypeInfo Json { get; } = NotifyJson.Options.GetTypeInfo(ClrType);

    /// <summary>Its id is derived from the reported fact and unique in the store, so that a repeated report is recognised.</summary>
    public bool HasDerivedId { get; init; }

    /// <summary>All events of this type are searched for, among millions of others: they have their own index.</summary>
    public bool IsLookedFor { get; init; }

    /// <summary>The stored field with the time at which it happened, if that differs from the time of recording; null: there is
    /// none.</summary>
    public string? OccurredAt { get; init; }

    /// <summary>The type of event that it ends in the same stream, and that is shown as its cause in the history; null: it ends
    /// nothing.</summary>
    public Type? Ends { get; init; }

    /// <summary>It is not found by its texts: they repeat those of another event, or are codes of success.</summary>
    public bool IsFoundWithoutTexts { get; init; }

    /// <summary>Its role in approvals, which the proofs of the history use; null: none.</summary>
    public ApprovalPart? Approval { get; init; }

    /// <summary>Its actor only read, signed in or was refused, and therefore remains independent of what others did.</summary>
    public bool ChangesNothing { get; init; }

    public static EventType Of<T>(string name, string meaning) => new(typeof(T), name, meaning);
}

/// <summary>The role of an event for proofs that changes were approved, and by whom (docs/proofs.md).</summary>
public enum ApprovalPart
{
    /// <summary>The signed content; the first event of its stream.</summary>
    Proposal,
    Approval,
    AuthorsSignature,

    /// <summary>Defines who must sign from then on.</summary>
    Policy,

    /// <summary>Signed with the key file, which cannot be verified with a public key.</summary>
    SignedByKeyFile,
}

public sealed record ModuleEvents(string Module, IReadOnlyList<EventType> Types);

/// <summary>The event types of all modules.</summary>
public sealed class EventCatalog(IEnumerable<ModuleEvents> modules)
{
    private readonly FrozenDictionary<Type, EventType> byType =
        modules.SelectMany(x => x.Types).ToFrozenDictionary(x => x.ClrType);

    private readonly FrozenDictionary<string, EventType> byName =
        modules.SelectMany(x => x.Types).ToFrozenDictionary(x => x.Name, StringComparer.Ordinal);

    public IReadOnlyList<ModuleEvents> Modules { get; } =
        [.. modules.GroupBy(x => x.Module, StringComparer.Ordinal).Select(x => new ModuleEvents(x.Key, [.. x.SelectMany(y => y.Types)]))];

    public EventType this[Type type] => byType[type];

    /// <summary>Null if no event has this name.</summary>
    public EventType? Find(string name) => byName.GetValueOrDefault(name);

    /// <returns>Null: the event is unknown to this version, or cannot be read because it was written by something else.</returns>
    public object? TryRead(string name, ReadOnlySpan<byte> data)
    {
        try
        {
            return Find(name) is { } type ? JsonSerializer.Deserialize(data, type.Json) : null;
        }
        catch (Exception e) when (EventRecord.IsUnreadable(e))
        {
            return null;
        }
    }

    /// <summary>The name of the only event with this role in approvals.</summary>
    public string NameOf(ApprovalPart part) => byType.Values.Single(x => x.Approval == part).Name;

    /// <summary>The names of the events with this role in approvals.</summary>
    public string[] NamesOf(ApprovalPart part) => [.. byType.Values.Where(x => x.Approval == part).Select(x => x.Name)];

    /// <summary>The names of all events of a module.</summary>
    public string[] NamesOf(string module) => [.. Modules.Single(x => x.Module == module).Types.Select(x => x.Name)];

    /// <summary>The names of the events whose types implement one of these interfaces.</summary>
    public string[] NamesOf(params Type[] meanings) =>
        [.. byType.Values.Where(x => meanings.Any(m => m.IsAssignableFrom(x.ClrType))).Select(x => x.Name)];
}

public static class EventCatalogRegistration
{
    public static IServiceCollection AddEvents(this IServiceCollection services, string module, params EventType[] types)
    {
        if (types.FirstOrDefault(x => !x.Name.StartsWith(module + ".", StringComparison.Ordinal)) is { } stray)
            throw new InvalidOperationException($"Event {stray.Name} must start with '{module}.'.");
        services.AddSingleton(new ModuleEvents(module, types));
        return services.ConfigureMarten(options =>
        {
            foreach (var type in types) options.Events.MapEventType(type.ClrType, type.Name);
        });
    }
}
