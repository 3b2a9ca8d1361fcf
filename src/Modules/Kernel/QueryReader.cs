using System.Globalization;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Notify.Kernel;

/// <summary>Reads named texts, such as a request's query parameters, strictly: malformed ones are reported, not ignored.</summary>
/// <param name="valuesOf">Returns the values given under a name.</param>
/// <param name="path">The path under which faults are reported; empty for query parameters.</param>
/// <param name="declared">The parameters that the endpoint declares (<see cref="Http.QueryParameters"/>); null: any.</param>
public sealed class QueryReader(Func<string, StringValues> valuesOf, IReadOnlyList<string>? declared = null, string path = "")
{
    private readonly Errors errors = new();

    /// <summary>Null if it is absent or empty.</summary>
    public string? Text(string name) => Given(name) is { Length: > 0 } value ? value : null;

    /// <summary>The values of a parameter that may be given several times.</summary>
    public IReadOnlyList<string> Texts(string name) => [.. ValuesOf(name).Where(x => IsText(name, x)).Select(x => x!)];

    public int Number(string name, int fallback, int min, int max) => (int)Long(name, fallback, min, max)!.Value;

    public long? Long(string name, long? fallback, long min, long max)
    {
        if (Given(name) is not { } text) return fallback;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max) return value;
        Fault(name, max == long.MaxValue ? $"Give a whole number of at least {min}." : $"Give a whole number from {min} to {max}.");
        return fallback ?? min;
    }

    public bool? Flag(string name)
    {
        switch (Given(name))
        {
            case null: return null;
            case "true": return true;
            case "false": return false;
            default: Fault(name, "Give true or false."); return null;
        }
    }

    public DateTimeOffset? Instant(string name)
    {
        if (Given(name) is not { } text) return null;
        // An unencoded plus sign arrives as a space.
        if (Instants.TryParse(text.Replace(' ', '+'), out var value)) return value;
        Fault(name, Instants.Wanted);
        return null;
    }

    /// <summary>If it is absent or malformed, a fault is added and the returned value is meaningless.</summary>
    public DateTimeOffset RequiredInstant(string name)
    {
        if (ValuesOf(name).Count == 0) Fault(name, Instants.Wanted);
        return Instant(name) ?? default;
    }

    public T? OneOf<T>(string name)
        where T : struct, Enum
    {
        if (Given(name) is not { } text) return null;
        // By name only: Enum.Parse would also accept numbers, lists and white space.
        if (Enum.GetNames<T>().Contains(text, StringComparer.Ordinal)) return Enum.Parse<T>(text);
        Fault(name, Misspelling.OfChoice(text, Enum.GetNames<T>()));
        return null;
    }

    /// <summary>Exactly one of these.</summary>
    public string? OneOf(string name, params IReadOnlyList<string> allowed)
    {
        if (Given(name) is not { } text) return null;
        if (allowed.Contains(text, StringComparer.Ordinal)) return text;
        Fault(name, Misspelling.OfChoice(text, allowed));
        return null;
    }

    /// <summary>A cursor is a position from an earlier answer, opaque to the caller.</summary>
    public long? Cursor(string name = "cursor")
    {
        if (Text(name) is not { } text) return null;
        try
        {
            if (long.TryParse(Encoding.ASCII.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(text)), NumberStyles.None,
                CultureInfo.InvariantCulture, out var value)) return value;
        }
        catch (FormatException)
        {
            // Reported below.
        }

        Fault(name, "This is not a cursor from an earlier page.");
        return null;
    }

    public static string CursorOf(long position) =>
        System.Buffers.Text.Base64Url.EncodeToString(Encoding.ASCII.GetBytes(position.ToString(CultureInfo.InvariantCulture)));

    public void Fault(string name, string message) => errors.Add(JsonFault.Join(path, name), message);

    /// <exception cref="ProblemException">400, naming every malformed parameter.</exception>
    public void ThrowIfInvalid() => errors.ThrowIfAny();

    private string? Given(string name)
    {
        var values = ValuesOf(name);
        if (values.Count == 0) return null;
        if (values.Count == 1) return IsText(name, values[0]) ? values[0] : null;
        Fault(name, "Give this parameter once.");
        return null;
    }

    private bool IsText(string name, string? value)
    {
        if (value is null) return false;
        if (PlainText.FaultOf(value) is not { } fault) return true;
        Fault(name, fault);
        return false;
    }

    /// <exception cref="InvalidOperationException">The endpoint reads a parameter that it does not declare, so nobody could send it.</exception>
    private StringValues ValuesOf(string name) =>
        declared?.Contains(name, StringComparer.Ordinal) == false
            ? throw new InvalidOperationException($"The endpoint reads the query parameter '{name}' and does not declare it: add it to .Query(…).")
            : valuesOf(name);
}
