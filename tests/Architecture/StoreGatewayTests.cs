using System.Text.RegularExpressions;
using Notify.Kernel.Events;

namespace Notify.Architecture.Tests;

/// <summary>What strings and SQL may name: no table of a library, and no event of another module.</summary>
public sealed partial class StoreGatewayTests
{
    private const string Gateway = "src/Modules/Kernel/Events/Store/";

    [Fact]
    public void only_the_gateway_names_tables_of_marten_and_wolverine()
    {
        Solution.Sources(Gateway).SelectMany(x => LibraryTable().Matches(x.Text)).Should()
            .NotBeEmpty("else this looks for something that is no longer written so");
        (from source in Solution.Sources("src")
         where !source.Path.StartsWith(Gateway, StringComparison.Ordinal)
         from use in LibraryTable().Matches(source.Text)
         select $"{source.Path}: {use.Value}").Should().BeEmpty(
            $"an upgrade of either library must be mended in one place: ask {Gateway}, or compose a question from what EventTables and MessageTables offer");
    }

    /// <summary>Questions may be composed of what the gateway offers; what Marten and Wolverine keep is written and held by it alone.</summary>
    [Fact]
    public void only_the_gateway_writes_tables_of_marten_and_wolverine() =>
        (from source in Solution.Sources("src")
         where !source.Path.StartsWith(Gateway, StringComparison.Ordinal)
         from write in Write().Matches(source.Text)
         where write.Groups["owner"].Value is "EventTables" or "MessageTables" or "DocumentTables"
         select $"{source.Path}: {write.Value}").Should().BeEmpty("what a library's table is given, and when it is locked, is written in " + Gateway);

    /// <summary>So that one folder shows all that can stand in a row, as the model's rebuild has to make it again. The log beside the events is no
    /// model: its tables are declared together, and each grows by its own writer.</summary>
    [Fact]
    public void a_table_is_written_in_the_folder_that_declares_it()
    {
        var sources = Solution.Sources("src").ToList();
        var folders = (from source in sources
                       from declared in TableClass().Matches(source.Text)
                       where declared.Groups["name"].Value != "LogTables"
                       select (Name: declared.Groups["name"].Value, Folder: Path.GetDirectoryName(source.Path)))
            .ToLookup(x => x.Name, x => x.Folder, StringComparer.Ordinal);
        var writes = (from source in sources
                      from write in Write().Matches(source.Text)
                      let owner = write.Groups["owner"].Value
                      where folders.Contains(owner)
                      select (source.Path, write.Value, IsAtHome: folders[owner].Contains(Path.GetDirectoryName(source.Path)))).ToList();
        writes.Should().HaveCountGreaterThan(10, "else this looks for something that is no longer written so");
        writes.Where(x => !x.IsAtHome).Select(x => $"{x.Path}: {x.Value}").Should()
            .BeEmpty("give the table's class, or its neighbour, a method for it");
    }

    /// <summary>A type, or the beginning of one: between quotation marks of C# or of SQL.</summary>
    [Fact]
    public void no_source_names_an_event_of_another_module()
    {
        var owned = EventTests.Catalog.Modules.SelectMany(x => x.Types).ToList();
        var found = (from source in Solution.Sources("src")
                     from use in EventLiteral().Matches(source.Text)
                     let name = use.Groups["name"].Value
                     let owners = owned.Where(x => x.Name.StartsWith(name, StringComparison.Ordinal)).Select(FolderOf)
                         .ToHashSet(StringComparer.Ordinal)
                     where owners.Count > 0
                     select (source.Path, Name: name, IsOwn: owners.Any(x => source.Path.StartsWith(x, StringComparison.Ordinal)))).ToList();
        found.Where(x => x.IsOwn).Should().HaveCountGreaterThan(100, "else this looks for something that is no longer written so");
        found.Where(x => !x.IsOwn).Select(x => $"{x.Path}: {x.Name}").Should().BeEmpty(
            "an event's name and fields are its module's own: let the module say what its events mean (ModuleReview, EventSummary, properties of EventType), or ask by a message of Contracts");
    }

    private static string FolderOf(EventType type) => $"src/Modules/{Solution.NameOf(type.ClrType.Assembly)["Notify.".Length..]}/";

    [GeneratedRegex(@"\bmt_[a-z]\w*|\bwolverine_\w+|(?<=[""' ])wolverine\.[a-z]\w*", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex LibraryTable();

    [GeneratedRegex(@"(update|insert into|delete from|lock table)\s+\{(?<owner>\w+)\.\w+\}|\{(?<owner>EventTables|MessageTables)\.\w+\}[^""]*?\bfor (no key )?update\b(?! of \w+\b)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Write();

    [GeneratedRegex(@"\bclass (?<name>\w+Tables?)\b", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TableClass();

    [GeneratedRegex(@"[""'](?<name>[a-z]+\.([a-z_]+\.v[0-9]+|[a-z_]+_(?=[""'%])|(?=%)))",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EventLiteral();
}
