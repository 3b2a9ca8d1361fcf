using System.Text.RegularExpressions;
using Notify.Host;

namespace Notify.Architecture.Tests;

/// <summary>Modules know the Kernel and the Contracts, and nothing of each other.</summary>
public sealed partial class ModuleBoundaryTests
{
    private const string Fix =
        "a module may use only Notify.Kernel, Notify.Contracts, Notify.Channels and Notify.Ui: send or answer a message of Contracts instead (docs/architecture.md, \"Messages\")";

    public static TheoryData<string> ModuleNames => Solution.ModuleNames();

    [Theory]
    [MemberData(nameof(ModuleNames))]
    public void a_module_uses_no_other_module(string name) =>
        Solution.Module(name).GetReferencedAssemblies().Select(x => x.Name!).Where(x => x.StartsWith("Notify.", StringComparison.Ordinal))
            .Should().BeSubsetOf(["Notify.Kernel", "Notify.Contracts", "Notify.Channels", "Notify.Ui"], Fix);

    [Theory]
    [MemberData(nameof(ModuleNames))]
    public void a_module_s_project_names_no_other_module(string name)
    {
        var folder = name["Notify.".Length..];
        var project = File.ReadAllText(Path.Combine(Solution.Root, "src/Modules", folder, $"{name}.csproj"));
        ProjectReference().Matches(project).Select(x => x.Groups["project"].Value).Should()
            .BeSubsetOf(["Notify.Kernel", "Notify.Contracts", "Notify.Channels", "Notify.Ui"], Fix);
    }

    [Fact]
    public void every_folder_of_modules_is_in_the_list_of_modules() =>
        Directory.GetDirectories(Path.Combine(Solution.Root, "src/Modules")).Select(Path.GetFileName).Except(["Kernel", "Contracts", "Channels", "Ui"])
            .Should().BeEquivalentTo(Modules.All.Select(x => Solution.NameOf(x)["Notify.".Length..]),
                "add the new module to src/Host/Modules.cs, so that it is wired and checked");

    [Theory]
    [MemberData(nameof(ModuleNames))]
    public void a_module_names_no_table_of_another(string name)
    {
        var folder = $"src/Modules/{name["Notify.".Length..]}/";
        var tables = from source in Solution.Sources("src/Modules")
                     where !source.Path.StartsWith(folder, StringComparison.Ordinal)
                         && !source.Path.StartsWith("src/Modules/Kernel/", StringComparison.Ordinal)
                     from table in DeclaredTable().Matches(source.Text)
                     select table.Groups["name"].Value;
        var others = tables.ToHashSet(StringComparer.Ordinal);
        others.Should().NotBeEmpty();
        (from source in Solution.Sources(folder)
         from use in UsedTable().Matches(source.Text)
         where others.Contains(use.Groups["name"].Value)
         select $"{source.Path}: {use.Value}").Should().BeEmpty(
            "a table is its module's own: ask by a message of Contracts; what must happen in one transaction everywhere, each module says of its tables (OwnedTable, docs/decisions/0010)");
    }

    /// <summary>Also what it counts for metrics or looks at for its health, the modules say.</summary>
    [Fact]
    public void the_host_names_no_table_of_a_module()
    {
        var tables = (from source in Solution.Sources("src/Modules")
                      from table in DeclaredTable()
            .Matches(source.Text)
                      select table.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        (from source in Solution.Sources("src/Host")
         from use in UsedTable().Matches(source.Text)
         where tables.Contains(use.Groups["name"].Value)
         select $"{source.Path}: {use.Value}").Should()
             .BeEmpty("a table is its module's own: let the module register its figures (StoreFigures) and tables (OwnedTable)");
    }

    [Fact]
    public void the_kernel_uses_nothing_of_notify() =>
        Solution.Kernel.GetReferencedAssemblies().Select(x => x.Name!).Should().NotContain(
            x => x.StartsWith("Notify.", StringComparison.Ordinal),
            "every module rests on the kernel: move what needs a module or a contract out of it");

    [Fact]
    public void the_channels_use_the_kernel_and_the_contracts_only() =>
        Solution.Channels.GetReferencedAssemblies().Select(x => x.Name!).Where(x => x.StartsWith("Notify.", StringComparison.Ordinal)).Should()
            .BeSubsetOf(
            ["Notify.Kernel", "Notify.Contracts"], "a channel is asked by the modules, and asks none of them: what it needs is handed to it");

    [GeneratedRegex("Database\\.Table\\(\"(?<name>[a-z_]+)\"", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DeclaredTable();

    [GeneratedRegex(@"(\{Database\.Schema\}|\bnotify)\.(?<name>[a-z_]+)\b", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UsedTable();

    [GeneratedRegex("<ProjectReference[^>]*[/\\\\](?<project>[A-Za-z.]+)\\.csproj\"", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex ProjectReference();
}
