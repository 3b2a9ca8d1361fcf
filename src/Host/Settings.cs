namespace Notify.Host;

public static class Settings
{
    public const string DefaultUrl = "http://127.0.0.1:8066";

    /// <summary>Fills in what has a default (the REST contract, "Settings").</summary>
    public static void AddNotifySettings(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        var data = Path.GetFullPath(configuration["Notify:DataDirectory"] is { Length: > 0 } given ? given : Path.Combine(builder.Environment.ContentRootPath, ".data"));
        Directory.CreateDirectory(data);
        configuration["Notify:DataDirectory"] = data;
        if (string.IsNullOrEmpty(configuration["urls"])) configuration["urls"] = DefaultUrl;
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 16 * 1024 * 1024;
        });
    }
}
