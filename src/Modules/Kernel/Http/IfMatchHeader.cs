using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Notify.Kernel.Http;

public static class IfMatchHeader
{
    /// <returns>Null when the header is absent. A foreign tag is well formed and matches nothing. A weak one counts as the same:
    /// proxies that compress make a tag weak, and the version that it names is still the version that was read.</returns>
    /// <exception cref="ProblemException">400: the header is malformed.</exception>
    public static ExpectedVersion? IfMatch(this HttpContext http)
    {
        var value = http.Request.Headers.IfMatch.ToString().Trim();
        if (value.Length == 0) return null;
        if (value == "*") return ExpectedVersion.Any;
        if (VersionOf(value) is { } bare) return new ExpectedVersion([bare]); // without quotes: wrong, frequent, and clear
        if (!Microsoft.Net.Http.Headers.EntityTagHeaderValue.TryParseStrictList([value], out var tags))
            throw ProblemException.Invalid("If-Match", "Send the version from the ETag: If-Match: \"3\".");
        return new ExpectedVersion([.. tags.Select(x => VersionOf(x.Tag.ToString().Trim('"')) ?? -1)]);
    }

    private static long? VersionOf(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;
}
