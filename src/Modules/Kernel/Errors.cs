namespace Notify.Kernel;

/// <summary>
/// The faults of one input, by the path of the field as the caller wrote it (<c>actions[0].serviceId</c>). They become the <c>errors</c> member of a
/// problem document. Only the first <see cref="Most"/> are kept, the others are counted; long quoted values are cut.
/// </summary>
public sealed class Errors
{
    public const int Most = 100;
    private const int LongestPath = 200;
    private const int LongestMessage = 1000;

    private readonly SortedDictionary<string, List<string>> byPath = new(StringComparer.Ordinal);
    private int count;

    public bool Any => count > 0;

    /// <summary>Whether further faults are only counted.</summary>
    public bool IsFull => count == Most;

    /// <summary>The number of faults that were not kept.</summary>
    public long LeftOut { get; private set; }

    public void Add(string path, string message)
    {
        if (IsFull)
        {
            LeftOut++;
            return;
        }

        path = Cut(path, LongestPath);
        if (!byPath.TryGetValue(path, out var messages)) byPath[path] = messages = [];
        messages.Add(Cut(message, LongestMessage));
        count++;
    }

    /// <summary>Adds another object's faults, below the path of the part that they concern.</summary>
    public void AddAll(string path, Errors others)
    {
        foreach (var (field, messages) in others.byPath)
            foreach (var message in messages) Add(JsonFault.Join(path, field), message);
        LeftOut += others.LeftOut;
    }

    public IDictionary<string, string[]> ToDictionary() =>
        byPath.ToDictionary(x => x.Key, x => x.Value.ToArray(), StringComparer.Ordinal);

    /// <exception cref="ProblemException">400, if any error was added.</exception>
    public void ThrowIfAny()
    {
        if (Any) throw ProblemException.Invalid(this);
    }

    public static string Cut(string text, int length) =>
        text.Length <= length ? text : $"{text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)]}…";
}
