namespace Notify.Peers.WeCom;

/// <summary>The chat page: a few files inside the assembly, nothing from elsewhere.</summary>
internal static class ChatPage
{
    private static readonly Dictionary<string, (string Type, byte[] Bytes)> files = new(StringComparer.Ordinal)
    {
        ["/"] = ("text/html; charset=utf-8", Read("chat.html")),
        ["/chat.css"] = ("text/css; charset=utf-8", Read("chat.css")),
        ["/chat.markdown.js"] = ("text/javascript; charset=utf-8", Read("chat.markdown.js")),
        ["/chat.messages.js"] = ("text/javascript; charset=utf-8", Read("chat.messages.js")),
        ["/chat.js"] = ("text/javascript; charset=utf-8", Read("chat.js")),
    };

    public static bool Has(string path) => files.ContainsKey(path);

    public static async Task ServeAsync(HttpContext http, string path)
    {
        var (type, bytes) = files[path];
        http.Response.ContentType = type;
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        // A second guard behind the escaping: nothing received can run or load anything.
        http.Response.Headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'";
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    private static byte[] Read(string name)
    {
        using var stream = typeof(ChatPage).Assembly.GetManifestResourceStream(name)!;
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
