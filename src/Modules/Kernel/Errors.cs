namespace Notify.Kernel;

/// <summary>
/// The faults of one input, by the path of the field as the caller wrote it (<c>actions[0].serviceId</c>).
/// Becomes the <c>errors</c> member of a problem document.
/// </summary>
public sealed class Errors
{
    private readonly SortedDictionary<string, List<string>> byPath = new(StringComparer.Ordinal);

    public bool Any => byPath.Count > 0;

    public void Add(string path, string message)
    {
        if (!byPath.TryGetValue(path, out var messages)) byPath[path] = messages = [];
        messages.Add(message);
    }

    /// <summary>Another's faults, under the path of the part that it is about.</summary>
    public void AddAll(string path, Errors others)
    {
        foreach (var (field, messages) in others.byPath)
            foreach (var message in messages) Add(JsonFault.Join(path, field), message);
    }

    public IDictionary<string, string[]> ToDictionary() =>
        byPath.ToDictionary(x => x.Key, x => x.Value.ToArray(), StringComparer.Ordinal);

    /// <exception cref="ProblemException">400, when any error was added.</exception>
    public void ThrowIfAny()
    {
        if (Any) throw ProblemException.Invalid(this);
    }
}
