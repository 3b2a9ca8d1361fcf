using Notify.Host.Operating;
using Notify.Kernel.Http;

namespace Notify.Host;

public static class Settings
{
    public const string DefaultUrl = "http://127.0.0.1:8066";

    /// <summary>Settings files lie beside the program, wherever it is started from; generated code is written where it is asked for.</summary>
    public static string ContentRoot(string[] args) => args is ["codegen", ..] ? Directory.GetCurrentDirectory() : AppContext.BaseDirectory;

    /// <summary>Fills in what has a default (the REST contract, "Settings").</summary>
    public static void AddNotifySettings(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        var data = Path.GetFullPath(configuration["Notify:DataDirectory"] is { Length: > 0 } given ? given : Path.Combine(Directory.GetCurrentDirectory(), ".data"));
        Directory.CreateDirectory(data);
        configuration["Notify:DataDirectory"] = data;
        if (string.IsNullOrEmpty(configuration["urls"])) configuration["urls"] = DefaultUrl;
        if (configuration[PublicAddress.Setting]?.Trim() is { Length: > 0 } url && PublicAddress.FaultOf(url) is { } fault) throw new StartException(fault);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 16 * 1024 * 1024;
        });
    }
}
