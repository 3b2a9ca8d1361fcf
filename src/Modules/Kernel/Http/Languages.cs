using Microsoft.AspNetCore.Http;

namespace Notify.Kernel.Http;

/// <summary>What a caller reads: English or Chinese, by <c>Accept-Language</c>.</summary>
public static class Languages
{
    /// <summary>True when Chinese, in whatever form, comes before English; English is for everybody else.</summary>
    public static bool PrefersChinese(this HttpContext http)
    {
        if (http.Request.Headers.AcceptLanguage.Count == 0) return false;
        var preferred = http.Request.GetTypedHeaders().AcceptLanguage
            .Where(x => (x.Quality ?? 1) > 0 && (IsOf(x.Value, "zh") || IsOf(x.Value, "en")))
            .OrderByDescending(x => x.Quality ?? 1).FirstOrDefault();
        return preferred is not null && IsOf(preferred.Value, "zh");
    }

    private static bool IsOf(Microsoft.Extensions.Primitives.StringSegment tag, string language) =>
        tag.StartsWith(language, StringComparison.OrdinalIgnoreCase) && (tag.Length == language.Length || tag[language.Length] == '-');
}
