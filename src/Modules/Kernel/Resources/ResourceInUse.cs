namespace Notify.Kernel.Resources;

/// <summary>A resource that is disabled or deleted while enabled resources use it.</summary>
/// <param name="Change"><c>disable</c> or <c>delete</c>.</param>
public sealed record UsedResource(string Kind, string Name, string Change, IReadOnlyList<ResourceUser> UsedBy);

/// <summary>Refusals of changes that would remove what enabled resources need.</summary>
public static class ResourceInUse
{
    private const string Rule = "rule";

    /// <exception cref="ProblemException">409: an enabled resource refers to it.</exception>
    public static void ThrowIfAny(string noun, string name, IReadOnlyList<ResourceUser> users)
    {
        if (Enabled(users) is { Count: > 0 } inUse)
            throw ProblemException.Conflict(Sentence(noun, name, inUse));
    }

    /// <param name="confirmed">The number that the caller has confirmed (<see cref="CountOf"/>).</param>
    /// <exception cref="ProblemException">409: enabled resources refer to it, and the confirmed number is another.</exception>
    public static void ThrowIfUnconfirmed(string noun, string name, IReadOnlyList<ResourceUser> users, long? confirmed)
    {
        var inUse = Enabled(users);
        ThrowIfUnconfirmed(inUse.Count == 0 ? [] : [new(noun, name, "", inUse)], confirmed);
    }

    /// <summary>For several resources at once.</summary>
    /// <exception cref="ProblemException">409: enabled resources refer to one of them, and the confirmed number is another.</exception>
    public static void ThrowIfUnconfirmed(IReadOnlyList<UsedResource> used, long? confirmed)
    {
        var number = CountOf(used);
        if (number > 0 && number != confirmed) throw ProblemException.Conflict(
            $"{string.Join(" ", used.Select(x => Sentence(x.Kind, x.Name, x.UsedBy)))} Add ?confirm={number} to do it anyway.");
    }

    /// <summary>The number to confirm: that of the enabled rules, each counted once. What else uses the resources, such as a drill, is named with
    /// them, and counts only if no rule does.</summary>
    public static int CountOf(IReadOnlyList<UsedResource> used)
    {
        var users = used.SelectMany(x => x.UsedBy).DistinctBy(x => (x.Kind, x.Id)).ToList();
        return users.Count(x => x.Kind == Rule) is > 0 and var rules ? rules : users.Count;
    }

    private static List<ResourceUser> Enabled(IReadOnlyList<ResourceUser> users) => [.. users.Where(x => x.Enabled)];

    private static string Sentence(string noun, string name, IReadOnlyList<ResourceUser> users) =>
        $"The {noun} '{name}' is used by {string.Join(", ", users.Select(x => $"{x.Kind} '{x.Name}'"))}.";

    /// <exception cref="ProblemException">409: enabled resources would lose what they need.</exception>
    public static void ThrowIfLost(string noun, string name, IReadOnlyList<string> losses)
    {
        if (losses.Count > 0) throw Lost([Describe(noun, name, losses)]);
    }

    public static string Describe(string noun, string name, IReadOnlyList<string> losses) =>
        $"The {noun} '{name}' is in use: {string.Join("; ", losses)}.";

    public static ProblemException Lost(IReadOnlyList<string> sentences) =>
        ProblemException.Conflict($"{string.Join(" ", sentences)} Change or disable what uses it first.");
}
