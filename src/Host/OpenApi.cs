using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Notify.Kernel.Http;
using Scalar.AspNetCore;

namespace Notify.Host;

/// <summary>The contract as a document at <c>/openapi/v1.json</c>, and as a page at <c>/docs</c>.</summary>
public static partial class OpenApi
{
    private const string Json = "application/json";

    private static readonly (int Status, string Description)[] problems =
    [
        (400, "The input is bad; errors says what and where."), (401, "No credentials, or ones that do not hold."), (403, "Not allowed."), (404, "There is no such thing."),
        (410, "It was there and is gone for good."), (409, "The name is in use, something still refers to it, or the Idempotency-Key came with another body."), (412, "The If-Match is stale."), (413, "The body is too large."),
        (415, "The body is not of a type accepted here."), (428, "An If-Match is needed."),
        (429, "Too many wrong keys have come from this address; come back after Retry-After seconds. A key that holds is taken all the same."), (503, "The store cannot be reached; come back after Retry-After seconds."),
    ];

    public static void AddOpenApiDocument(this IServiceCollection services) =>
        services.AddOpenApi("v1", options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            // The others imitate the addresses of other products, whose documents describe them.
            options.ShouldInclude = endpoint => endpoint.RelativePath?.StartsWith("api/v1/", StringComparison.Ordinal) == true;
            // Several modules have an Answer or a Request of their own: the type around them tells them apart.
            options.CreateSchemaReferenceId = info => OpenApiOptions.CreateDefaultSchemaReferenceId(info) is { } id ? NameOf(info, id) : null;
            options.AddSchemaTransformer(AsWritten);
            options.AddDocumentTransformer(DescribeAsync);
        });

    public static void MapOpenApiDocument(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi("/openapi/{documentName}.json").Open(Contract);
        // All that the page would ask of the Internet is off.
        routes.MapScalarApiReference("/docs", options => options
            .WithTitle("Notify").WithOpenApiRoutePattern("/openapi/{documentName}.json")
            .DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp().HideClientButton().HideDeveloperTools()
            .WithCustomCss("a[href*='scalar.com'],.scalar-mcp-layer,.powered-by-scalar{display:none!important}")
            .AddHeaderContent(WhereTheKeyIs)).Open(Contract).Add(AsksNobodyElse);
    }

    private const string Contract = "The contract is public, and says nothing of what is kept here.";

    private const string WhereTheKeyIs =
        "<p style=\"margin:0;padding:.6em 1em;font:14px/1.5 sans-serif;background:#f4f5f7;color:#1a1d21\">Every call needs an API key: <code>Authorization: Bearer ntf_…</code> "
        + "The administrator's was shown on the console at the first start and is kept in <code>bootstrap.key</code> of the data directory, or is the setting <code>Notify__Auth__BootstrapKey</code>. "
        + "每个请求都需要 API 密钥：管理员密钥在首次启动时显示在控制台，并保存在数据目录的 bootstrap.key 中。</p>";

    /// <summary>The browser holds the page to it: its own scripts, and calls to this Notify only.</summary>
    private static void AsksNobodyElse(EndpointBuilder page)
    {
        var write = page.RequestDelegate!;
        page.RequestDelegate = http =>
        {
            http.Response.Headers.ContentSecurityPolicy =
                "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; frame-ancestors 'self'";
            return write(http);
        };
    }

    /// <summary>What is null is left out of an answer, and numbers are written as numbers.</summary>
    private static Task AsWritten(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellation)
    {
        foreach (var property in context.JsonTypeInfo.Properties)
            if (property.IsGetNullable || Nullable.GetUnderlyingType(property.PropertyType) is not null) schema.Required?.Remove(property.Name);
        if (schema.Format == "date-time") schema.Type ??= JsonSchemaType.String;
        if (schema.Enum is { Count: > 0 }) schema.Type ??= JsonSchemaType.String;
        // Read as any JSON, since people paste them as text, or send back what was read.
        if (context.JsonPropertyInfo is { Name: "agentId" }) schema.Type ??= JsonSchemaType.Integer | JsonSchemaType.String;
        if (context.JsonPropertyInfo is { Name: "secret" }) schema.Type ??= JsonSchemaType.String | JsonSchemaType.Object | JsonSchemaType.Null;
        if (schema.Type is { } type && context.JsonPropertyInfo?.Name != "agentId" && (type.HasFlag(JsonSchemaType.Integer) || type.HasFlag(JsonSchemaType.Number)) && type.HasFlag(JsonSchemaType.String))
        {
            schema.Type = type & ~JsonSchemaType.String;
            schema.Pattern = null;
        }

        return Task.CompletedTask;
    }

    private static string NameOf(JsonTypeInfo info, string id) =>
        info.Type.DeclaringType is { } around && around != typeof(OpenApiShapes) && !info.Type.IsGenericType ? around.Name + id : id;

    private static async Task DescribeAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        document.Info = new OpenApiInfo { Title = "Notify", Version = "1", Description = "Alarms in, notifications out, everything on record." };
        document.Servers = [new OpenApiServer { Url = ServerOf(document, context) }];
        foreach (var tag in document.Tags ?? new HashSet<OpenApiTag>()) tag.Description = OpenApiTexts.TagOf(tag.Name ?? "");
        document.AddComponent("basic", new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "basic", Description = "The API key as the password; the user's name means nothing." });
        document.AddComponent("bearer", new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API key (ntf_…) or an OIDC access token." });
        document.AddComponent("Problem", ProblemResponse(0, "Any other status.", document));
        document.AddComponent("Problem", await context.GetOrCreateSchemaAsync(typeof(OpenApiShapes.Problem), null, cancellation));
        foreach (var (status, description) in problems) document.AddComponent(ProblemId(status), ProblemResponse(status, description, document));
        foreach (var (path, item) in document.Paths)
        {
            foreach (var (method, operation) in item.Operations ?? [])
                await DescribeAsync(operation, method.Method, path, document, context, cancellation);
        }

        OpenApiTidy.Tidy(document);
    }

    /// <summary>How people reach it, or else where it was asked for.</summary>
    private static string ServerOf(OpenApiDocument document, OpenApiDocumentTransformerContext context)
    {
        var address = context.ApplicationServices.GetRequiredService<PublicAddress>();
        return address.IsGiven ? address.Url : document.Servers?.FirstOrDefault()?.Url?.TrimEnd('/') ?? address.Url;
    }

    private static async Task DescribeAsync(
        OpenApiOperation operation, string method, string path, OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        var call = $"{method} {path}";
        var resource = Resource().Match(path) is { Success: true } match ? match : null;
        var (kind, verb) = (resource?.Groups["kind"].Value, resource?.Groups["verb"].Value);
        var isCreate = kind is not null && method == "POST" && verb is "";
        var changes = kind is not null && (method is "PUT" or "DELETE" || verb is "/{id}/enable" or "/{id}/disable");
        var takesBody = method is "POST" or "PUT" && verb is not ("/{id}/enable" or "/{id}/disable") && !OpenApiShapes.WithoutBody.Contains(call);

        operation.Responses ??= [];
        operation.Parameters ??= [];
        operation.OperationId = OpenApiNames.Of(call, kind, verb);
        if (OpenApiTexts.Of(call, kind, verb) is { } text) (operation.Summary, operation.Description) = text;
        if (kind is not null)
        {
            var key = (isCreate || method == "PUT") ? kind : call;
            await DescribeBodyAsync(operation, key, kind, document, context, cancellation);
            await DescribeResourceAsync(operation, method, kind, verb!, isCreate, document, context, cancellation);
        }
        else
        {
            await DescribeBodyAsync(operation, call, null, document, context, cancellation);
            if (OpenApiShapes.Answers.TryGetValue(call, out var type))
            {
                operation.Responses.Clear();
                var status = type == typeof(OpenApiShapes.AlarmAnswer) ? "202" : "200";
                operation.Responses[status] = Response(status == "202" ? "On durable storage." : "OK", await SchemaAsync(type, document, context, cancellation));
            }
        }

        if (method == "OPTIONS") operation.Responses["200"] = Allowed();
        else if (operation.Responses.Count == 0 || operation.Responses.Values.All(x => x.Content is null or { Count: 0 }) && method != "DELETE")
            operation.Responses["200"] = Response("OK", new OpenApiSchema());

        if (method == "DELETE" && kind is null)
        {
            operation.Responses.Clear();
            operation.Responses["204"] = new OpenApiResponse { Description = "Removed." };
        }

        if (OpenApiShapes.Later.Contains(call) && operation.Responses.Remove("200", out var accepted))
        {
            operation.Responses["202"] = accepted;
            accepted.Description = "Accepted; it is worked on.";
        }

        if (OpenApiShapes.Created.Contains(call) && operation.Responses.Remove("200", out var created))
        {
            operation.Responses["201"] = created;
            created.Description = "Created.";
        }

        if (OpenApiShapes.Texts.TryGetValue(call, out var types))
        {
            operation.Responses["200"] = new OpenApiResponse
            {
                Description = "OK",
                Content = types.ToDictionary(x => x, x => new OpenApiMediaType { Schema = TextSchema(x) }, StringComparer.Ordinal),
            };
        }

        if (path == "/api/v1/replays/{id}/report")
        {
            operation.Responses["200"] = new OpenApiResponse
            {
                Description = "The report; the same bytes each time.",
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [Json] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.Object } },
                    ["text/html"] = new() { Schema = TextSchema("text/html") },
                },
            };
        }

        if (path == "/api/v1/configuration/export")
        {
            operation.Responses["200"] = new OpenApiResponse
            {
                Description = "The whole configuration; secrets left out, or sealed.",
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    // First, since generated clients ask for the first; the service gives it to who takes nothing else.
                    [Json] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.Object } },
                    ["application/yaml"] = new() { Schema = TextSchema("application/yaml") },
                },
            };
        }

        if (takesBody && operation.RequestBody is null) operation.RequestBody = FreeBody(path);
        var isIdempotent = IsIdempotent(call, context);
        AddParameters(operation, method, path, call, kind, verb, changes, isIdempotent, QueriesOf(call, context));
        var mayConflict = isIdempotent || path.EndsWith("/cancel", StringComparison.Ordinal) || path.EndsWith("/report", StringComparison.Ordinal);
        var isOpen = MetadataOf<Microsoft.AspNetCore.Authorization.IAllowAnonymous>(call, context).Any();
        foreach (var status in StatusesOf(call, path, isOpen, mayConflict, changes || path.EndsWith("/accounts/import", StringComparison.Ordinal), takesBody))
            operation.Responses[status.ToString(System.Globalization.CultureInfo.InvariantCulture)] = new OpenApiResponseReference(ProblemId(status), document);
        operation.Responses["default"] = new OpenApiResponseReference("Problem", document);
        if (MetadataOf<RequiredPermission>(call, context).FirstOrDefault() is { } required) Add(operation, "x-permission", required.Permission.Name);
        var conditional = MetadataOf<ConditionalPermission>(call, context).Select(x => $"{x.Permission} {x.When}").ToList();
        if (conditional.Count > 0) Add(operation, "x-permission-also", string.Join(", ", conditional));
        string[] schemes = isOpen ? [] : MetadataOf<TakesBasicCredentials>(call, context).Any() ? ["bearer", "basic"] : ["bearer"];
        operation.Security = [.. schemes.Select(x => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(x, document)] = [] })];
        foreach (var (status, response) in operation.Responses)
            if (status[0] == '2' && response is OpenApiResponse { Content: { } content } && content.TryGetValue(Json, out var body)) body.Example = OpenApiExamples.Of(call, status);
        foreach (var (status, response) in operation.Responses)
            if (status[0] == '2' && response is OpenApiResponse own) AddHeaders(own, kind is not null && verb is "" or "/{id}" or "/{id}/enable" or "/{id}/disable" && !(method == "GET" && verb is ""), isCreate);
    }

    private static async Task DescribeBodyAsync(
        OpenApiOperation operation, string key, string? kind, OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        if (!OpenApiShapes.Requests.TryGetValue(key, out var request)) return;
        var schema = await SchemaAsync(request.Type, document, context, cancellation);
        if (key == kind) schema = new OpenApiSchema { AllOf = [await SchemaAsync(typeof(OpenApiShapes.Draft), document, context, cancellation), schema] };
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType> { [Json] = new() { Schema = schema, Example = JsonNode.Parse(request.Example) } },
        };
    }

    private static async Task DescribeResourceAsync(
        OpenApiOperation operation, string method, string kind, string verb, bool isCreate,
        OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        if (verb is not ("" or "/{id}" or "/{id}/enable" or "/{id}/disable")) return;
        operation.Responses!.Clear();
        if (method == "DELETE")
        {
            operation.Responses["204"] = new OpenApiResponse { Description = "Removed." };
            return;
        }

        var settings = await SchemaAsync(OpenApiShapes.Answers[kind], document, context, cancellation);
        IOpenApiSchema view = new OpenApiSchema { AllOf = [await SchemaAsync(typeof(OpenApiShapes.Resource), document, context, cancellation), settings] };
        if (method == "GET" && verb is "")
        {
            view = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Properties = new Dictionary<string, IOpenApiSchema>
                {
                    ["items"] = new OpenApiSchema { Type = JsonSchemaType.Array, Items = view },
                    ["page"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
                    ["pageSize"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
                    ["total"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
                },
            };
        }

        operation.Responses[isCreate ? "201" : "200"] = Response(isCreate ? "Created." : "OK", view);
    }

    private static OpenApiRequestBody FreeBody(string path) => new()
    {
        Required = true,
        Content = path switch
        {
            _ when path.EndsWith("/accounts/import", StringComparison.Ordinal) => new Dictionary<string, OpenApiMediaType>
            {
                ["multipart/form-data"] = new()
                {
                    Schema = new OpenApiSchema
                    {
                        Type = JsonSchemaType.Object,
                        Required = new HashSet<string> { "file" },
                        Properties = new Dictionary<string, IOpenApiSchema>
                        {
                            ["file"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary", Description = "The .xlsx or .csv that the WeCom admin console exports from Contacts." },
                        },
                    },
                },
            },
            "/api/v1/configuration/import" => new Dictionary<string, OpenApiMediaType>
            {
                ["application/yaml"] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String }, Example = OpenApiShapes.YamlDocument },
                [Json] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.Object }, Example = JsonNode.Parse(OpenApiShapes.JsonDocument) },
            },
            "/api/v1/intake/cloudevents" => new Dictionary<string, OpenApiMediaType>
            {
                ["application/cloudevents+json"] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.Object } },
                ["application/cloudevents-batch+json"] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.Object } } },
                [Json] = new() { Schema = new OpenApiSchema() },
            },
            _ => new Dictionary<string, OpenApiMediaType> { [Json] = new() { Schema = new OpenApiSchema() } },
        },
    };

    private static void AddParameters(OpenApiOperation operation, string method, string path, string call, string? kind, string? verb, bool changes, bool isIdempotent, IReadOnlyList<string> queries)
    {
        var group = (kind, method, verb) switch
        {
            (not null, "GET", "") => "list",
            (not null, "GET", "/{id}") => "read",
            (not null, "GET", "/{id}/history") => "history",
            _ => call,
        };
        var required = OpenApiShapes.RequiredQueries.TryGetValue(call, out var needed) ? needed : [];
        foreach (var name in queries) Add(operation, name, ParameterLocation.Query, QueryOf(group, name), required.Contains(name, StringComparer.Ordinal));
        if (method == "OPTIONS")
        {
            Add(operation, "WebHook-Request-Origin", ParameterLocation.Header, Text("The domain of the sender."));
            Add(operation, "WebHook-Request-Rate", ParameterLocation.Header, Text("Requests a minute that it would like to send."));
        }

        if (changes) Add(operation, "If-Match", ParameterLocation.Header, Text("The ETag of the version that is changed."), required: true);
        if (path.EndsWith("/accounts/import", StringComparison.Ordinal)) Add(operation, "If-Match", ParameterLocation.Header, Text("Needed unless mode is preview."));
        if (isIdempotent)
            Add(operation, "Idempotency-Key", ParameterLocation.Header, Text("The same key with the same body returns the first answer; kept 24 hours."));
        if (method != "GET") Add(operation, "X-Change-Reason", ParameterLocation.Header, new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 500, Description = "Kept with every event the request causes." });
        Add(operation, "X-Correlation-Id", ParameterLocation.Header, Text("Kept, or made, and returned."));
    }

    private static OpenApiSchema QueryOf(string group, string name) => name switch
    {
        "page" => Number(1, int.MaxValue / 200, 1),
        "pageSize" => Number(1, 200, 20),
        "limit" => Number(1, 1000, 100),
        "version" => Number(1, null, null),
        "asOf" => new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" },
        "dryRun" or "prune" or "ids" => new OpenApiSchema { Type = JsonSchemaType.Boolean, Default = false },
        "sort" => OneOf("-createdAt", "createdAt", "name", "-name", "type", "-type", "description", "-description", "status", "-status"),
        "status" when group == "GET /api/v1/replays" => OneOf(Enum.GetNames<Audit.Replays.ReplayStatus>()),
        "mode" when group == "GET /api/v1/replays" => OneOf("review", "whatIf", "redeliver"),
        "format" when group.EndsWith("/report", StringComparison.Ordinal) => OneOf("json", "html"),
        "lang" => OneOf("en", "zh"),
        "status" when group == "list" => OneOf("enabled", "disabled"),
        "status" => OneOf(Enum.GetNames<Delivery.Notifications.NotificationStatus>()),
        "state" => OneOf(Enum.GetNames<Contracts.Alarms.AlarmState>()),
        "level" => OneOf(Enum.GetNames<Contracts.Alarms.AlarmLevel>()),
        "mode" => OneOf("preview", "merge", "replace"),
        "order" => OneOf("asc", "desc"),
        "secrets" => OneOf("none", "sealed"),
        "format" => group == "GET /api/v1/audit/export" ? OneOf("ndjson", "csv") : OneOf("yaml", "json"),
        "first" or "second" => Number(1, null, null),
        "from" or "to" when !group.EndsWith("/calendar", StringComparison.Ordinal) => new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" },
        _ => new OpenApiSchema { Type = JsonSchemaType.String },
    };

    private static List<int> StatusesOf(string call, string path, bool isOpen, bool mayConflict, bool isChange, bool takesBody)
    {
        List<int> statuses = isOpen ? [400, 503] : [400, 401, 403, 429, 503];
        if (call == "GET /api/v1/replays/{id}/report") statuses.Add(410);
        if (path.Contains('{', StringComparison.Ordinal)) statuses.Add(404);
        if (mayConflict || isChange || call == "POST /api/v1/audit/verify") statuses.Add(409);
        if (isChange) statuses.AddRange([412, 428]);
        if (takesBody) statuses.AddRange([413, 415]);
        return statuses;
    }

    private static bool IsIdempotent(string call, OpenApiDocumentTransformerContext context) => MetadataOf<Kernel.Http.IdempotentEndpoint>(call, context).Any();

    private static IReadOnlyList<string> QueriesOf(string call, OpenApiDocumentTransformerContext context) =>
        MetadataOf<Kernel.Http.QueryParameters>(call, context).LastOrDefault()?.Names ?? [];

    private static IEnumerable<T> MetadataOf<T>(string call, OpenApiDocumentTransformerContext context) =>
        context.DescriptionGroups.SelectMany(x => x.Items).Where(x => $"{x.HttpMethod} /{x.RelativePath?.TrimEnd('/')}" == call)
            .SelectMany(x => x.ActionDescriptor.EndpointMetadata.OfType<T>());

    private static void Add(OpenApiOperation operation, string name, ParameterLocation place, OpenApiSchema schema, bool required = false) =>
        operation.Parameters!.Add(new OpenApiParameter { Name = name, In = place, Required = required, Description = schema.Description, Schema = schema });

    private static void Add(OpenApiOperation operation, string extension, string value)
    {
        operation.Extensions ??= new Dictionary<string, IOpenApiExtension>();
        operation.Extensions[extension] = new JsonNodeExtension(value);
    }

    private static void AddHeaders(OpenApiResponse response, bool hasTag, bool isCreate)
    {
        response.Headers ??= new Dictionary<string, IOpenApiHeader>();
        response.Headers["X-Correlation-Id"] = Header("As it was sent, or made.");
        if (hasTag) response.Headers["ETag"] = Header("The version, for If-Match.");
        if (isCreate) response.Headers["Location"] = Header("Where it can be read.");
    }

    private static async Task<IOpenApiSchema> SchemaAsync(Type type, OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        if (document.Components?.Schemas?.ContainsKey(type.Name) != true)
            document.AddComponent(type.Name, await context.GetOrCreateSchemaAsync(type, null, cancellation));
        return new OpenApiSchemaReference(type.Name, document);
    }

    private static OpenApiResponse ProblemResponse(int status, string description, OpenApiDocument document)
    {
        var response = new OpenApiResponse
        {
            Description = description,
            Content = new Dictionary<string, OpenApiMediaType> { ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference("Problem", document) } },
        };
        if (status is 429 or 503) response.Headers = new Dictionary<string, IOpenApiHeader> { ["Retry-After"] = Header("Seconds.") };
        return response;
    }

    private static OpenApiResponse Response(string description, IOpenApiSchema schema) => new()
    {
        Description = description,
        Content = new Dictionary<string, OpenApiMediaType> { [Json] = new() { Schema = schema } },
    };

    private static OpenApiResponse Allowed() => new()
    {
        Description = "The sender may send, at this rate.",
        Headers = new Dictionary<string, IOpenApiHeader>
        {
            ["Allow"] = Header("The methods."),
            ["WebHook-Allowed-Origin"] = Header("The sender that asked."),
            ["WebHook-Allowed-Rate"] = Header("Requests a minute; * for any number."),
        },
    };

    private static OpenApiHeader Header(string description) => new() { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };

    /// <summary>A file, but for plain text: generated clients would take a string for JSON.</summary>
    private static OpenApiSchema TextSchema(string type) => new() { Type = JsonSchemaType.String, Format = type == "text/plain" ? null : "binary" };

    private static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };

    private static OpenApiSchema Number(int min, int? max, int? fallback) => new()
    {
        Type = JsonSchemaType.Integer,
        Minimum = min.ToString(System.Globalization.CultureInfo.InvariantCulture),
        Maximum = max?.ToString(System.Globalization.CultureInfo.InvariantCulture),
        Default = fallback,
    };

    private static OpenApiSchema OneOf(params string[] values) => new() { Type = JsonSchemaType.String, Enum = [.. values.Select(x => (JsonNode)x)] };

    private static string ProblemId(int status) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Problem{status}");

    [GeneratedRegex("^/api/v1/(?<kind>services|messages|schedules|rules)(?<verb>/.*)?$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Resource();
}
