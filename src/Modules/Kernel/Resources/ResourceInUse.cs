namespace Notify.Kernel.Resources;

/// <summary>The refusals of changes that would take away what something enabled needs.</summary>
public static class ResourceInUse
{
    /// <exception cref="ProblemException">409: something enabled refers to it.</exception>
    public static void ThrowIfAny(string noun, string name, IReadOnlyList<ResourceUser> users)
    {
        if (Enabled(users) is { Count: > 0 } inUse)
            throw ProblemException.Conflict($"The {noun} '{name}' is used by {string.Join(", ", inUse)}.");
    }

    /// <param name="confirmed">How many the caller says that there are.</param>
    /// <exception cref="ProblemException">409: something enabled refers to it, and not so many as the caller says.</exception>
    public static void ThrowIfUnconfirmed(string noun, string name, IReadOnlyList<ResourceUser> users, long? confirmed)
    {
        if (Enabled(users) is { Count: > 0 } inUse && inUse.Count != confirmed) throw ProblemException.Conflict(
            $"The {noun} '{name}' is used by {string.Join(", ", inUse)}. With ?confirm={inUse.Count} it is done all the same.");
    }

    private static List<string> Enabled(IReadOnlyList<ResourceUser> users) =>
        [.. users.Where(x => x.Enabled).Select(x => $"{x.Kind} '{x.Name}'")];

    /// <exception cref="ProblemException">409: something enabled would lose what it needs.</exception>
    public static void ThrowIfLost(string noun, string name, IReadOnlyList<string> losses)
    {
        if (losses.Count > 0) throw Lost([Describe(noun, name, losses)]);
    }

    public static string Describe(string noun, string name, IReadOnlyList<string> losses) =>
        $"The {noun} '{name}' is in use: {string.Join("; ", losses)}.";

    public static ProblemException Lost(IReadOnlyList<string> sentences) =>
        ProblemException.Conflict($"{string.Join(" ", sentences)} Change or disable what uses it first.");
}
