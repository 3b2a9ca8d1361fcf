namespace Notify.Testing;

/// <summary>The folder of the solution, in which the tests lie.</summary>
public static class Repository
{
    public static readonly string Root = FindRoot();

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Notify.sln")))
            directory = directory.Parent ?? throw new InvalidOperationException("The tests run outside the solution's folder.");
        return directory.FullName;
    }
}
