using System.Text.Json.Nodes;
using Notify.Ui.Api;

namespace Notify.Ui.Forms;

/// <summary>
/// The content of a form: the request body for the API. Fields read and write it by path, and show the API's faults for that path.
/// </summary>
public sealed class FormState
{
    private readonly HashSet<string> touched = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> typed = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, string[]> faults = new Dictionary<string, string[]>();

    /// <param name="body">Kept, and modified.</param>
    public FormState(JsonObject body) => Body = body;

    /// <summary>Raised when the content changes.</summary>
    public event Action? Changed;

    /// <summary>Raised when a field loses the focus.</summary>
    public event Action? Left;

    public JsonObject Body { get; private set; }

    /// <summary>Whether the content has changed since it was opened or saved.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Whether saving was attempted: from then on every fault is shown, even for untouched fields.</summary>
    public bool WasTried { get; set; }

    public bool IsValid => faults.Count == 0;

    /// <summary>The API's faults by field.</summary>
    public IReadOnlyDictionary<string, string[]> Faults
    {
        get => faults;
        set => faults = value;
    }

    /// <summary>What is typed into inputs that add to the content, and is not added yet, by the inputs' names.</summary>
    public IReadOnlyDictionary<string, string> NotAdded => typed;

    /// <param name="input">As in <see cref="NotAdded"/>.</param>
    public string Typed(string input) => typed.GetValueOrDefault(input, "");

    /// <param name="input">As in <see cref="NotAdded"/>.</param>
    /// <param name="text">Empty when it was added.</param>
    public void Type(string input, string? text)
    {
        if (string.IsNullOrEmpty(text)) typed.Remove(input);
        else typed[input] = text;
        IsDirty = true;
        Changed?.Invoke();
    }

    /// <summary>Forgets what is typed into an input that is no longer shown.</summary>
    public void Forget(string input) => typed.Remove(input);

    public string Text(string path) => JsonPaths.Get(Body, path) switch
    {
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        JsonValue value => value.ToJsonString(),
        _ => "",
    };

    public bool Flag(string path) => JsonPaths.Get(Body, path) is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    public JsonArray? List(string path) => JsonPaths.Get(Body, path) as JsonArray;

    public IReadOnlyList<string> Texts(string path) =>
        List(path)?.OfType<JsonValue>().Select(x => x.TryGetValue<string>(out var text) ? text : x.ToJsonString()).ToList() ?? [];

    public IReadOnlyList<JsonObject> Objects(string path) => [.. (List(path) ?? []).OfType<JsonObject>()];

    /// <summary>Replaces a whole list by copies of these items, and marks its field as left.</summary>
    public void SetObjects(string path, IEnumerable<JsonObject> items)
    {
        Set(path, new JsonArray([.. items.Select(x => x.DeepClone())]));
        Leave(path);
    }

    public void Set(string path, JsonNode? value)
    {
        JsonPaths.Set(Body, path, value);
        IsDirty = true;
        Changed?.Invoke();
    }

    /// <summary>Adds a value to a list, or removes it.</summary>
    public void Choose(string path, string value, bool chosen)
    {
        var all = Texts(path).Where(x => x != value).ToList();
        if (chosen) all.Add(value);
        Set(path, new JsonArray([.. all.Select(x => (JsonNode)x)]));
    }

    public void Add(string path, JsonNode item)
    {
        if (List(path) is { } list) list.Add(item);
        else JsonPaths.Set(Body, path, new JsonArray(item));
        IsDirty = true;
        Changed?.Invoke();
    }

    /// <summary>Removes an item from a list, if it is still there: whoever clicks twice removes no other, which has taken its place.</summary>
    public void Remove(string path, JsonNode? item)
    {
        if (List(path)?.Remove(item) != true) return;
        // The faults of later items now belong to other indexes.
        touched.RemoveWhere(x => x.StartsWith(path + "[", StringComparison.Ordinal));
        IsDirty = true;
        Changed?.Invoke();
    }

    public void Leave(string path)
    {
        touched.Add(path);
        Left?.Invoke();
    }

    /// <summary>The faults of a field, once it was left.</summary>
    public IReadOnlyList<string> FaultsOf(string path) =>
        (WasTried || touched.Contains(path)) && faults.TryGetValue(path, out var texts) ? texts : [];

    /// <summary>The faults of a list, once it was left, and of its items.</summary>
    /// <returns>Null if there are none.</returns>
    public string? FaultWithin(string path)
    {
        var within = FaultsOf(path).Concat(faults.Where(x => x.Key.StartsWith(path + "[", StringComparison.Ordinal)).SelectMany(x => x.Value))
            .Distinct(StringComparer.Ordinal).ToList();
        return within.Count == 0 ? null : string.Join(' ', within);
    }

    /// <summary>Faults that belong to no field of <paramref name="shown"/>.</summary>
    public IEnumerable<KeyValuePair<string, string[]>> FaultsBeside(IEnumerable<string> shown) =>
        faults.Where(x => !shown.Contains(x.Key, StringComparer.Ordinal));

    public void Refused(Problem problem)
    {
        WasTried = true;
        faults = problem.Errors;
    }

    public void Replace(JsonObject body)
    {
        Body = body;
        faults = new Dictionary<string, string[]>();
        Changed?.Invoke();
    }
}
