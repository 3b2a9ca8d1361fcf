using System.Text.RegularExpressions;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Notify.Channels;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Testing;
using Weasel.Postgresql.Tables;

namespace Notify.Architecture.Tests;

/// <summary>Events are kept for ever: their names and fields change only on purpose, and they stay inside their module.</summary>
public sealed partial class EventTests
{
    /// <summary>Set it to write docs/events.md anew: <c>NOTIFY_UPDATE_EVENTS=1 dotnet test tests/Architecture</c>.</summary>
    private const string Update = "NOTIFY_UPDATE_EVENTS";

    private static readonly (EventCatalog Events, IReadOnlyList<EventSummary> Summaries, IReadOnlyList<Table> Tables, IReadOnlyList<OwnedTable> Owned,
        ChannelCatalog Channels) registered = ReadCatalog();
    private static readonly EventCatalog catalog = registered.Events;

    internal static EventCatalog Catalog => catalog;

    internal static ChannelCatalog Channels => registered.Channels;

    [Fact]
    public void names_are_unique_and_have_the_form_module_noun_verb_version()
    {
        var names = catalog.Modules.SelectMany(x => x.Types).Select(x => x.Name).ToList();
        names.Should().OnlyHaveUniqueItems("the store knows an event by its name alone: choose another");
        names.Where(x => !Name().IsMatch(x)).Should().BeEmpty("an event's name has the form module.noun_verb.v1");
    }

    /// <summary>What Operation has taken over keeps its name, which says the module that had it first.</summary>
    private static bool WasTakenOver(EventType type, string module) =>
        module is "kernel" or "audit" && Solution.NameOf(type.ClrType.Assembly) == "Notify.Operation";

    [Fact]
    public void an_event_belongs_to_the_module_that_registers_it() =>
        (from module in catalog.Modules
         from type in module.Types
         where !WasTakenOver(type, module.Module)
             && !string.Equals(Solution.NameOf(type.ClrType.Assembly), $"Notify.{module.Module}", StringComparison.OrdinalIgnoreCase)
         select $"{module.Module}: {type.ClrType.FullName}").Should()
             .BeEmpty("a module registers its own events only: register it in the module that declares it");

    [Fact]
    public void no_event_leaves_its_module() =>
        (from assembly in Solution.Product
         let used = Solution.TypesReferredTo(assembly)
         from type in catalog.Modules.SelectMany(x => x.Types)
         where type.ClrType.Assembly != assembly && used.Contains(type.ClrType.FullName!)
         select $"{Solution.NameOf(assembly)} uses {type.ClrType.FullName}").Should().BeEmpty(
            "a stored event is its module's own: publish a message of Contracts with what others need");

    [Fact]
    public void the_documentation_lists_every_event_with_its_fields()
    {
        var path = Path.Combine(Solution.Root, "docs/events.md");
        var current = EventDocument.Of(catalog, registered.Channels);
        if (Environment.GetEnvironmentVariable(Update) is { Length: > 0 }) File.WriteAllText(path, current);
        File.ReadAllText(path).Should().Be(
            current,
            $"events are kept for ever. If one that was released has changed, give the new shape a new name (.v2) and an upcaster; then write docs/events.md anew: {Update}=1 dotnet test tests/Architecture");
    }

    [Fact]
    public void every_event_has_a_summary_in_english_and_in_chinese()
    {
        var names = catalog.Modules.SelectMany(x => x.Types).Select(x => x.Name).ToList();
        registered.Summaries.Select(x => x.EventType).Should().OnlyHaveUniqueItems();
        registered.Summaries.Select(x => x.EventType).Should()
            .BeEquivalentTo(names, "the audit history says of each event what happened: add it to the EventSummaries of its module");
        registered.Summaries.Where(x => x.Text.En.Any(IsHan) || !x.Text.En.Any(char.IsAsciiLetter) || !x.Text.Zh.Any(IsHan)).Should()
            .BeEmpty("each text is in its own language");
        registered.Summaries.Where(x => FieldsOf(x.Text.En) != FieldsOf(x.Text.Zh)).Should().BeEmpty("both say the same");

        static bool IsHan(char c) => c is >= '\u4e00' and <= '\u9fff';
        static string FieldsOf(string text) => string.Join(' ', Field().Matches(text).Select(x => NameIn(x.Value)).Order(StringComparer.Ordinal));
    }

    /// <summary>Without the noun that English counts.</summary>
    private static string NameIn(string field) => field.Trim('{', '}').Split('|')[0];

    [Fact]
    public void a_summary_names_only_fields_that_there_are()
    {
        // A field may also be one of the event that named the stream.
        var fields = catalog.Modules.SelectMany(x => x.Types).SelectMany(x => NotifyJson.Options.GetTypeInfo(x.ClrType).Properties)
            .Select(x => x.Name).ToHashSet(StringComparer.Ordinal);
        registered.Summaries.SelectMany(x => Field().Matches(x.Text.En).Select(f => NameIn(f.Value).Trim('?', '#', '~').Split('.')[0]))
            .Where(x => !fields.Contains(x)).Should().BeEmpty();
    }

    [Fact]
    public void the_documentation_says_of_every_text_whether_it_names_a_person()
    {
        var path = Path.Combine(Solution.Root, "docs/personal-fields.md");
        var current = PersonalFieldDocument.Of(registered.Events, registered.Channels, registered.Tables, registered.Owned);
        if (Environment.GetEnvironmentVariable(Update) is { Length: > 0 }) File.WriteAllText(path, current);
        File.ReadAllText(path).Should().Be(
            current,
            $"what names a person must be erasable by itself: give a new text a name that PersonalFields knows, or add its name there under a new form; then write the file anew: {Update}=1 dotnet test tests/Architecture");
    }

    private static (EventCatalog Events, IReadOnlyList<EventSummary> Summaries, IReadOnlyList<Table> Tables, IReadOnlyList<OwnedTable> Owned,
        ChannelCatalog Channels) ReadCatalog()
    {
        var services = NotifyHost.Build().Services;
        return (
            services.GetRequiredService<EventCatalog>(), [.. services.GetServices<EventSummary>()],
            [.. ((DocumentStore)services.GetRequiredService<IDocumentStore>()).Options.Storage.ExtendedSchemaObjects.OfType<Table>()],
            [.. services.GetServices<OwnedTable>()],
            services.GetRequiredService<ChannelCatalog>());
    }

    [GeneratedRegex(@"^[a-z]+\.[a-z]+(_[a-z]+)+\.v[1-9][0-9]*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();

    [GeneratedRegex(@"\{[^}]+\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Field();
}
