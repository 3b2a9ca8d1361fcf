using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Notify.Kernel.Http;

public static class IfMatchHeader
{
    /// <returns>Null if the header is absent. A tag of another origin is well-formed and matches nothing. A weak tag counts as strong: proxies that
    /// compress make tags weak, and the version that it names is still the one that was read.</returns>
    /// <exception cref="ProblemException">400: the header is malformed.</exception>
    public static ExpectedVersion? IfMatch(this HttpContext http)
    {
        var value = http.Request.Headers.IfMatch.ToString().Trim();
        if (value.Length == 0) return null;
        if (value == "*") return ExpectedVersion.Any;
        if (VersionOf(value) is { } bare) return new ExpectedVersion([bare]); // without quotes: invalid, but common and unambiguous
        if (!Microsoft.Net.Http.Headers.EntityTagHeaderValue.TryParseStrictList([value], out var tags))
            throw ProblemException.Invalid("If-Match", "Send the version from the ETag: If-Match: \"3\".");
        return new ExpectedVersion([.. tags.Select(x => VersionOf(x.Tag.ToString().Trim('"')) ?? -1)]);
    }

    private static long? VersionOf(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;
}
