using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Notify.Kernel.Http;

/// <summary>The language of a caller: English or Chinese, by <c>Accept-Language</c>.</summary>
public static class Languages
{
    /// <summary>Whether the caller prefers Chinese, of any variant, to English. English is the default.</summary>
    public static bool PrefersChinese(this HttpContext http)
    {
        if (http.Request.Headers.AcceptLanguage.Count == 0) return false;
        var preferred = http.Request.GetTypedHeaders().AcceptLanguage
            .Where(x => (x.Quality ?? 1) > 0 && (IsOf(x.Value, "zh") || IsOf(x.Value, "en")))
            .OrderByDescending(x => x.Quality ?? 1).FirstOrDefault();
        return preferred is not null && IsOf(preferred.Value, "zh");
    }

    /// <summary>An English text of the code (<see cref="ProblemTexts"/>) in the caller's language.</summary>
    public static string InCallersLanguage(this HttpContext http, string english) =>
        http.PrefersChinese() ? http.RequestServices.GetRequiredService<ProblemTexts>().Chinese(english) : english;

    /// <summary>The texts by field.</summary>
    /// <inheritdoc cref="InCallersLanguage(HttpContext, string)"/>
    public static IDictionary<string, string[]> InCallersLanguage(this HttpContext http, IDictionary<string, string[]> texts) =>
        http.PrefersChinese()
            ? texts.ToDictionary(x => x.Key, x => (string[])[.. x.Value.Select(http.InCallersLanguage)], StringComparer.Ordinal) : texts;

    private static bool IsOf(Microsoft.Extensions.Primitives.StringSegment tag, string language) =>
        tag.StartsWith(language, StringComparison.OrdinalIgnoreCase) && (tag.Length == language.Length || tag[language.Length] == '-');
}
