using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Notify.Kernel.Http;
using Scalar.AspNetCore;

namespace Notify.Host;

/// <summary>The REST contract as an OpenAPI document at <c>/openapi/v1.json</c>, and as a page at <c>/docs</c>.</summary>
internal static class OpenApi
{
    private static readonly Dictionary<string, string> tags = new(StringComparer.Ordinal)
    {
        ["services"] = "Configured ways to send notifications.",
        ["messages"] = "Text templates.",
        ["schedules"] = "When notifications may be sent.",
        ["rules"] = "Which alarms are notified to whom.",
        ["drills"] = "Test alarms that prove at set times that a way is alive.",
        ["expected-sources"] = "Parts of the plant that report regularly, and the alarm when one does not.",
        ["approvals"] = "Changes that need a second person.",
        ["configuration"] = "The whole configuration as one document.",
        ["alarms"] = "Alarms from sources, and what operators do with them.",
        ["intake"] = "Alarms in the formats of other systems.",
        ["notifications"] = "Notifications, sent, waiting and failed.",
        ["replays"] = "A past period reviewed, tried with other rules, or sent again.",
        ["audit"] = "The history and its proofs.",
        ["users"] = "People: who is notified, who signs in, and what they may do.",
        ["groups"] = "People who are notified, and given roles, together.",
        ["roles"] = "What callers may do.",
        ["api-keys"] = "Credentials of programs.",
        ["session"] = "Signing in: passwords, second factors, passkeys, sessions.",
        ["operation"] = "Operating Notify.",
    };

    /// <summary>An error in the form of RFC 9457.</summary>
    /// <param name="ErrorsLeftOut">How many further faults there are; absent if all are listed.</param>
    public sealed record Problem(
        string Type, string Title, int Status, string? Detail, string TraceId, Dictionary<string, string[]>? Errors, long? ErrorsLeftOut);

    public static void AddOpenApiDocument(this IServiceCollection services) =>
        services.AddOpenApi("v1", options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            // The other endpoints imitate those of other products, whose own documents describe them.
            options.ShouldInclude = endpoint => endpoint.RelativePath?.StartsWith("api/v1/", StringComparison.Ordinal) == true;
            // Several modules have a type named Answer or Request; the enclosing type tells them apart.
            options.CreateSchemaReferenceId = info =>
                OpenApiOptions.CreateDefaultSchemaReferenceId(info) is { } id ? OpenApiSchemas.NameOf(info.Type, id) : null;
            options.AddSchemaTransformer(OpenApiSchemas.AsWritten);
            options.AddOperationTransformer(OpenApiOperations.DescribeAsync);
            options.AddDocumentTransformer(DescribeAsync);
        });

    public static void MapOpenApiDocument(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi("/openapi/{documentName}.json").Open(Contract);
        // Everything that would make the page contact the Internet is disabled.
        routes.MapScalarApiReference("/docs", options => options
            .WithTitle("Notify").WithOpenApiRoutePattern("/openapi/{documentName}.json")
            .DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp().HideClientButton().HideDeveloperTools()
            .WithCustomCss("a[href*='scalar.com'],.scalar-mcp-layer,.powered-by-scalar{display:none!important}")
            .AddHeaderContent(WhereTheKeyIs)).Open(Contract).Add(AsksNobodyElse);
    }

    private const string Contract = "The contract is public, and says nothing of what is kept here.";

    private const string WhereTheKeyIs =
        "<p style=\"margin:0;padding:.6em 1em;font:14px/1.5 sans-serif;background:#f4f5f7;color:#1a1d21\">"
        + "Every call needs an API key: <code>Authorization: Bearer ntf_…</code> "
        + "The administrator's was shown on the console at the first start and is kept in <code>bootstrap.key</code> of the data directory, "
        + "or is the setting <code>Notify__Auth__BootstrapKey</code>. "
        + "每个请求都需要 API 密钥：管理员密钥在首次启动时显示在控制台，并保存在数据目录的 bootstrap.key 中。</p>";

    /// <summary>Makes the browser limit the page to its own scripts and to calls to this Notify.</summary>
    private static void AsksNobodyElse(EndpointBuilder page)
    {
        var write = page.RequestDelegate!;
        page.RequestDelegate = http =>
        {
            http.Response.Headers.ContentSecurityPolicy =
                "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
                + "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
                + "frame-ancestors 'self'";
            return write(http);
        };
    }

    private static async Task DescribeAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        document.Info = new OpenApiInfo { Title = "Notify", Version = "1", Description = "Alarms in, notifications out, everything on record." };
        document.Servers = [new OpenApiServer { Url = ServerOf(document, context) }];
        foreach (var tag in document.Tags ?? new HashSet<OpenApiTag>()) tag.Description = tags.GetValueOrDefault(tag.Name ?? "");
        document.AddComponent("basic", SchemeOf("basic", "The API key as the password; the user name is ignored."));
        document.AddComponent("bearer", SchemeOf("bearer", "An API key (ntf_…) or an OIDC access token."));
        document.AddComponent("session", new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Cookie,
            Name = "notify",
            Description = "The session of a browser (POST /session), __Host-notify over TLS. It is accepted only with an Origin or Sec-Fetch-Site of Notify's own address.",
        });
        document.AddComponent("Problem", await context.GetOrCreateSchemaAsync(typeof(Problem), null, cancellation));
        OpenApiProblems.AddTo(document);
        OpenApiTidy.Tidy(document);
    }

    private static OpenApiSecurityScheme SchemeOf(string name, string description) =>
        new() { Type = SecuritySchemeType.Http, Scheme = name, Description = description };

    /// <summary>The public address if it is set, otherwise the address of the request.</summary>
    private static string ServerOf(OpenApiDocument document, OpenApiDocumentTransformerContext context)
    {
        var address = context.ApplicationServices.GetRequiredService<PublicAddress>();
        return address.IsGiven ? address.Url : document.Servers?.FirstOrDefault()?.Url?.TrimEnd('/') ?? address.Url;
    }
}
