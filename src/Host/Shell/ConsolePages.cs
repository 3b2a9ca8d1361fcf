using System.Reflection;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Notify.Access;
using Notify.Access.Http;
using Notify.Kernel.Http;
using Notify.Ui;
using Notify.Ui.Api;
using Notify.Ui.Parts;

namespace Notify.Host.Shell;

/// <summary>The web console: its pages come from the modules, and all they show and do goes through the API.</summary>
internal static class ConsolePages
{
    /// <summary>
    /// Scripts and styles only from Notify itself; positions that a script computes (a menu, a drag) are attributes of elements.
    /// </summary>
    private const string Policy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>False: this node serves the API alone, and an address of the console is one that it does not have.</summary>
    public const string Setting = "Notify:Console";

    public static IReadOnlyList<Assembly> Assemblies => Modules.All;

    public static void AddConsole(this WebApplicationBuilder builder)
    {
        // If Notify runs from its sources, the files of the console are in their projects.
        builder.WebHost.UseStaticWebAssets();
        var services = builder.Services;
        services.AddUi();
        // The draft of a form with a thousand accounts is one message; beyond the default of 32 KB it would end the connection.
        services.AddRazorComponents().AddInteractiveServerComponents(
            options => options.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(3))
            .AddHubOptions(options => options.MaximumReceiveMessageSize = 1024 * 1024);
        services.AddScoped<InOrder>();
        services.AddScoped<CircuitHandler>(x => x.GetRequiredService<InOrder>());
        services.AddAntiforgery(options => options.SuppressXFrameOptionsHeader = true);
        services.AddOptions<AntiforgeryOptions>().Configure<IHttpContextAccessor>(
            (options, accessor) => options.Cookie = new HostCookie("notify-form", accessor) { SameSite = SameSiteMode.Strict });
        // It would warn on each page that the page must not be cached, which Notify's headers say anyway.
        services.AddLogging(x => x.AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Error));
        services.AddWebEncoders(options => options.TextEncoderSettings = new(System.Text.Unicode.UnicodeRanges.All));
    }

    /// <summary>Serves scripts, styles and pictures. Browsers cache them under addresses with a version; others they check each time.</summary>
    public static void UseConsoleFiles(this WebApplication app) => app.UseStaticFiles(new StaticFileOptions
    {
        OnPrepareResponse = file => file.Context.Response.Headers.CacheControl =
            file.Context.Request.QueryString.Value?.StartsWith("?v=", StringComparison.Ordinal) == true ? "public, max-age=31536000, immutable" : "no-cache",
    });

    /// <summary>Before routing: <c>HEAD</c> for a page is handled as <c>GET</c>; the server leaves the body out.</summary>
    public static Task AsGetAsync(HttpContext http, RequestDelegate next)
    {
        if (HttpMethods.IsHead(http.Request.Method) && !IsApi(http)) http.Request.Method = HttpMethods.Get;
        return next(http);
    }

    /// <summary>Before authorization: a person who opens a page without a session is redirected to the sign-in instead of getting 401.</summary>
    public static Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        if (http.GetEndpoint() is null && WantsPage(http))
        {
            // An address that the console does not have: show the page for that, without changing the address.
            var pages = http.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints;
            if (pages.FirstOrDefault(x => PageOf(x) == typeof(NotFound)) is not { } notFound) return next(http);
            http.SetEndpoint(notFound);
            // Set at the last moment, because Blazor renders nothing if the status is already 404. A redirect stays one.
            http.Response.OnStarting(() =>
            {
                if (http.Response.StatusCode == StatusCodes.Status200OK) http.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            });
        }

        if (PageOf(http.GetEndpoint()) is not { } page)
        {
            if (http.GetEndpoint()?.Metadata.GetMetadata<PageEndpoint>() is not null && http.User.Identity is not { IsAuthenticated: true }
                && http.Request.Path.StartsWithSegments("/_blazor", StringComparison.OrdinalIgnoreCase))
            {
                http.Response.StatusCode = StatusCodes.Status401Unauthorized;
                return Task.CompletedTask;
            }

            return next(http);
        }

        http.Response.Headers.ContentSecurityPolicy = Policy;
        if (http.Query().Text("lang") is "zh" or "en") Keep(http, Reader.LanguageCookie, http.Query().Text("lang")!);

        if (http.User.Identity is not { IsAuthenticated: true } && !page.IsDefined(typeof(OpenPageAttribute), inherit: false))
        {
            var wanted = http.Request.Path.Value!.TrimStart('/') + http.Request.QueryString;
            http.Response.Redirect($"{http.Request.PathBase}/sign-in" + (wanted.Length == 0 ? "" : "?to=" + Uri.EscapeDataString(wanted)));
            return Task.CompletedTask;
        }

        return next(http);
    }

    public static void MapConsole(this WebApplication app)
    {
        UiModule.ReadVersions(app.Environment.WebRootFileProvider);
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode()
            .AddAdditionalAssemblies([.. Assemblies])
            .WithMetadata(new PageEndpoint()).Query("lang")
            .Open("A page shows nothing by itself: what it shows and does it asks of the API, as whoever has signed in.");
    }

    public static bool IsOpen(Endpoint? endpoint) => PageOf(endpoint)?.IsDefined(typeof(OpenPageAttribute), inherit: false) == true;

    private static bool IsApi(HttpContext http) => http.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a browser navigates to the address, rather than a program calling it.</summary>
    private static bool WantsPage(HttpContext http) => HttpMethods.IsGet(http.Request.Method) && !IsApi(http)
        && http.Request.GetTypedHeaders().Accept.Any(x => x.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase));

    private static Type? PageOf(Endpoint? endpoint) => endpoint?.Metadata.GetMetadata<ComponentTypeMetadata>()?.Type;

    private static void Keep(HttpContext http, string name, string value) => http.Response.Cookies.Append(
        name, value, new CookieOptions { MaxAge = TimeSpan.FromDays(365), SameSite = SameSiteMode.Lax, Path = "/", Secure = http.Request.IsHttps });
}
