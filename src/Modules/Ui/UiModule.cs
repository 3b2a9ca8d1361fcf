using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Notify.Ui.Api;
using Notify.Ui.Live;
using Notify.Ui.Parts;

namespace Notify.Ui;

/// <summary>The common parts of the console's pages.</summary>
public static class UiModule
{
    private static readonly string[] assets = ["notify.css", "notify.js", "start.js"];
    private static Dictionary<string, string> versions = [];

    public static IServiceCollection AddUi(this IServiceCollection services)
    {
        services.AddHttpContextAccessor();
        services.AddSingleton<PageRequests>();
        services.AddSingleton<LiveChanges>();
        services.AddSingleton<Ticks>();
        services.AddScoped<Reader>();
        services.AddScoped<ConsoleApi>();
        services.AddScoped<Browser>();
        services.AddScoped<Notices>();
        services.AddScoped<AddressBar>();
        services.AddScoped<KnownPeople>();
        return services;
    }

    /// <summary>The address of a static file of the console, which changes with its content, so that browsers may cache it forever.</summary>
    public static string Asset(string name) => $"_content/Notify.Ui/{name}?v={versions.GetValueOrDefault(name)}";

    public static void ReadVersions(IFileProvider files) =>
        versions = assets.ToDictionary(x => x, x => VersionOf(files.GetFileInfo($"_content/Notify.Ui/{x}")), StringComparer.Ordinal);

    private static string VersionOf(IFileInfo file)
    {
        if (!file.Exists) return "0";
        using var content = file.CreateReadStream();
        return Convert.ToHexStringLower(SHA256.HashData(content))[..12];
    }
}
