using System.Text.Json;
using System.Text.RegularExpressions;

namespace Notify.Kernel;

/// <summary>Describes why JSON cannot be read, in terms of the caller's document.</summary>
public static partial class JsonFault
{
    public static (string Path, string Message) Describe(JsonException e)
    {
        var path = e.Path is { Length: > 1 } p ? p.TrimStart('$').TrimStart('.') : "";
        if (Unmapped().Match(e.Message) is { Success: true } unmapped) return (
            Ending(path, unmapped.Groups["name"].Value), "This field does not exist.");
        if (Missing().Match(e.Message) is { Success: true } missing)
            return (Join(path, missing.Groups["name"].Value.Split(',')[0].Trim(' ', '\'')), "This field is required.");
        if (Duplicate().Match(e.Message) is { Success: true } duplicate) return (
            Ending(path, duplicate.Groups["name"].Value), "This field is given twice.");
        if (e.Message.Contains("could not be converted", StringComparison.Ordinal)) return (
            path, "The value has the wrong type or is not one of the allowed values.");
        if (e.Message.Contains("null", StringComparison.Ordinal) && path.Length > 0) return (path, "The value may not be null.");
        return (path, path.Length == 0 ? "The body is not valid JSON." : "The value is not valid.");
    }

    public static string Join(string path, string field) =>
        path.Length == 0 ? field : field.Length == 0 ? path : field[0] == '[' ? path + field : $"{path}.{field}";

    /// <summary>For some faults the serializer's path already includes the field.</summary>
    private static string Ending(string path, string field) =>
        path == field || path.EndsWith("." + field, StringComparison.Ordinal) ? path : Join(path, field);

    [GeneratedRegex("JSON property '(?<name>[^']*)' could not be mapped", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Unmapped();

    [GeneratedRegex("missing required properties including: (?<name>.*)\\.?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Missing();

    [GeneratedRegex("Duplicate property '(?<name>[^']*)'", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Duplicate();
}
