namespace Notify.Kernel.Resources;

/// <summary>A resource that is disabled or deleted while enabled resources use it.</summary>
/// <param name="Change"><c>disable</c> or <c>delete</c>.</param>
public sealed record UsedResource(string Kind, string Name, string Change, IReadOnlyList<ResourceUser> UsedBy);

/// <summary>Refusals of changes that would remove what enabled resources need.</summary>
public static class ResourceInUse
{
    /// <exception cref="ProblemException">409: an enabled resource refers to it.</exception>
    public static void ThrowIfAny(string noun, string name, IReadOnlyList<ResourceUser> users)
    {
        if (Enabled(users) is { Count: > 0 } inUse)
            throw ProblemException.Conflict(Sentence(noun, name, inUse));
    }

    /// <param name="confirmed">The number of enabled users that the caller has confirmed.</param>
    /// <exception cref="ProblemException">409: enabled resources refer to it, and the confirmed number is not theirs.</exception>
    public static void ThrowIfUnconfirmed(string noun, string name, IReadOnlyList<ResourceUser> users, long? confirmed)
    {
        var inUse = Enabled(users);
        ThrowIfUnconfirmed(inUse.Count == 0 ? [] : [new(noun, name, "", inUse)], confirmed);
    }

    /// <summary>For several resources at once: the confirmed number is that of all their users, each counted once.</summary>
    /// <exception cref="ProblemException">409: enabled resources refer to one of them, and the confirmed number is not theirs.</exception>
    public static void ThrowIfUnconfirmed(IReadOnlyList<UsedResource> used, long? confirmed)
    {
        var number = CountOf(used);
        if (number > 0 && number != confirmed) throw ProblemException.Conflict(
            $"{string.Join(" ", used.Select(x => Sentence(x.Kind, x.Name, x.UsedBy)))} Add ?confirm={number} to do it anyway.");
    }

    public static int CountOf(IReadOnlyList<UsedResource> used) =>
        used.SelectMany(x => x.UsedBy).Select(x => (x.Kind, x.Id)).Distinct().Count();

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
