using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Notify.Channels;
using Notify.Contracts.Alarms;
using Notify.Host;
using Notify.Kernel;

namespace Notify.Architecture.Tests;

/// <summary>The solution as the rules look at it: its assemblies, its projects and its source files.</summary>
internal static class Solution
{
    public static readonly Assembly Contracts = typeof(AlarmsChanged).Assembly;
    public static readonly Assembly Channels = typeof(ChannelCatalog).Assembly;
    public static readonly Assembly Kernel = typeof(Actor).Assembly;
    public static readonly Assembly Host = typeof(NotifyApplication).Assembly;

    public static readonly string Root = FindRoot();

    public static IEnumerable<Assembly> Product => [.. Modules.All, Channels, Contracts, Kernel, Host];

    public static string NameOf(Assembly assembly) => assembly.GetName().Name!;

    /// <summary>For theories: the assemblies' names, which read well in a list of tests.</summary>
    public static TheoryData<string> ModuleNames()
    {
        var names = new TheoryData<string>();
        foreach (var module in Modules.All) names.Add(NameOf(module));
        return names;
    }

    public static Assembly Module(string name) => Modules.All.Single(x => NameOf(x) == name);

    /// <summary>Hand-written C# below a folder of the solution, by path from its root.</summary>
    public static IEnumerable<(string Path, string Text)> Sources(string folder) => Files(folder, "*.cs");

    /// <param name="pattern">Of the files' names.</param>
    /// <inheritdoc cref="Sources"/>
    public static IEnumerable<(string Path, string Text)> Files(string folder, string pattern) =>
        from file in Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
        let path = Path.GetRelativePath(Root, file)
        where !path.Split('/').Any(x => x is "bin" or "obj" or "Internal")
        select (path, File.ReadAllText(file));

    /// <summary>The full names of all types of other assemblies that anything in this one mentions, method bodies included.</summary>
    public static HashSet<string> TypesReferredTo(Assembly assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location));
        var metadata = file.GetMetadataReader();
        return
        [
            .. metadata.TypeReferences.Select(metadata.GetTypeReference)
            .Select(x => $"{metadata.GetString(x.Namespace)}.{metadata.GetString(x.Name)}"),
        ];
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Notify.sln")))
            directory = directory.Parent ?? throw new InvalidOperationException("The tests run outside the solution's folder.");
        return directory.FullName;
    }
}
