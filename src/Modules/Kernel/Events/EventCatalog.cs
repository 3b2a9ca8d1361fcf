using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Marten;
using Microsoft.Extensions.DependencyInjection;

namespace Notify.Kernel.Events;

/// <summary>
/// A fact that is kept forever. <paramref name="Name"/> is what the store knows it by; it never changes its meaning:
/// a changed shape gets a new name (<c>.v2</c>) and an upcaster.
/// </summary>
/// <param name="Name"><c>module.noun_verb.v1</c>.</param>
/// <param name="Meaning">One sentence for <c>docs/events.md</c>.</param>
public sealed record EventType(Type ClrType, string Name, string Meaning)
{
    /// <summary>The form in which Marten keeps a type's name beside the event.</summary>
    public string DotNetTypeName { get; } = $"{ClrType.FullName}, {ClrType.Assembly.GetName().Name}";

    internal JsonTypeInfo Json { get; } = NotifyJson.Options.GetTypeInfo(ClrType);

    /// <summary>Its id is derived from the fact, which is found by it when it is told twice: it is unique in the store.</summary>
    public bool HasDerivedId { get; init; }

    /// <summary>All of this type are looked for, among millions of others: there is an index of them alone.</summary>
    public bool IsLookedFor { get; init; }

    /// <summary>The field, as it is stored, that says when it happened, where that is another moment than when it was put on record; null: there is
    /// none.</summary>
    public string? OccurredAt { get; init; }

    /// <summary>It ends what an event of this type began in the same stream: to a reader of the history it follows from that; null: it ends
    /// nothing.</summary>
    public Type? Ends { get; init; }

    /// <summary>Nobody looks for it by its texts: they repeat what another event says, or are codes of what went well.</summary>
    public bool IsFoundWithoutTexts { get; init; }

    /// <summary>Its part in approvals, which the proofs of the history know; null: it has none.</summary>
    public ApprovalPart? Approval { get; init; }

    /// <summary>An actor recorded by it only read, signed in or was refused, and so remains independent of what others did.</summary>
    public bool ChangesNothing { get; init; }

    public static EventType Of<T>(string name, string meaning) => new(typeof(T), name, meaning);
}

/// <summary>What an event is to whoever proves that changes were approved, and by whom (docs/proofs.md).</summary>
public enum ApprovalPart
{
    /// <summary>What is signed: with it a stream begins.</summary>
    Proposal,
    Approval,
    AuthorsSignature,

    /// <summary>Says who has to sign from then on.</summary>
    Policy,

    /// <summary>Is signed itself, with the key file: no public key checks that.</summary>
    SignedByKeyFile,
}

public sealed record ModuleEvents(string Module, IReadOnlyList<EventType> Types);

/// <summary>Every event of every module.</summary>
public sealed class EventCatalog(IEnumerable<ModuleEvents> modules)
{
    private readonly FrozenDictionary<Type, EventType> byType =
        modules.SelectMany(x => x.Types).ToFrozenDictionary(x => x.ClrType);

    private readonly FrozenDictionary<string, EventType> byName =
        modules.SelectMany(x => x.Types).ToFrozenDictionary(x => x.Name, StringComparer.Ordinal);

    public IReadOnlyList<ModuleEvents> Modules { get; } =
        [.. modules.GroupBy(x => x.Module, StringComparer.Ordinal).Select(x => new ModuleEvents(x.Key, [.. x.SelectMany(y => y.Types)]))];

    public EventType this[Type type] => byType[type];

    /// <summary>Null when no event has this name.</summary>
    public EventType? Find(string name) => byName.GetValueOrDefault(name);

    /// <returns>Null: no event of this version's, or one that cannot be read, since somebody else has written it.</returns>
    public object? TryRead(string name, ReadOnlySpan<byte> data)
    {
        try
        {
            return Find(name) is { } type ? JsonSerializer.Deserialize(data, type.Json) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The name of the event that has this part in approvals.</summary>
    public string NameOf(ApprovalPart part) => byType.Values.Single(x => x.Approval == part).Name;

    /// <summary>The names of the events that have a part in approvals that several have.</summary>
    public string[] NamesOf(ApprovalPart part) => [.. byType.Values.Where(x => x.Approval == part).Select(x => x.Name)];

    /// <summary>The names of all events of a module.</summary>
    public string[] NamesOf(string module) => [.. Modules.Single(x => x.Module == module).Types.Select(x => x.Name)];

    /// <summary>The names of the events that mean one of these (implement the interface).</summary>
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
