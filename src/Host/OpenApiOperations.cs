using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Notify.Kernel.Http;

namespace Notify.Host;

/// <summary>Each operation of the document: from what its endpoint says of itself, and what holds for all of them.</summary>
internal static class OpenApiOperations
{
    private const string Json = "application/json";

    public static async Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var metadata = new EndpointMetadataCollection(context.Description.ActionDescriptor.EndpointMetadata);
        var call = $"{context.Description.HttpMethod} /{context.Description.RelativePath?.TrimEnd('/')}";
        operation.Responses ??= [];
        operation.Parameters ??= [];
        await AddBodyAsync(operation, metadata, context, cancellation);
        await AddAnswersAsync(operation, metadata, call, context, cancellation);
        AddParameters(operation, metadata, context.Description.HttpMethod != "GET");
        AddProblems(operation, metadata, call, context.Document!);
        AddSecurity(operation, metadata, context.Document!);
    }

    private static async Task AddBodyAsync(OpenApiOperation operation, EndpointMetadataCollection metadata, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var bodies = metadata.GetOrderedMetadata<DocumentedBody>();
        if (bodies.Count == 0) return;
        var content = new Dictionary<string, OpenApiMediaType>();
        foreach (var body in bodies)
        {
            content[body.ContentType] = new OpenApiMediaType
            {
                Schema = body.Type is null ? AnyOf(body.ContentType) : await SchemaAsync(body.Type, body.Common, context, cancellation),
                Example = body.Example is null ? null : IsJson(body.ContentType) ? JsonNode.Parse(body.Example) : JsonValue.Create(body.Example),
            };
        }

        operation.RequestBody = new OpenApiRequestBody { Required = true, Content = content };
    }

    private static async Task AddAnswersAsync(OpenApiOperation operation, EndpointMetadataCollection metadata, string call, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        foreach (var answer in metadata.GetOrderedMetadata<DocumentedAnswer>())
        {
            // What its own type says, where that is all.
            var inferred = operation.Responses!.Where(x => x.Key[0] == '2').Select(x => x.Value.Content).FirstOrDefault();
            foreach (var status in operation.Responses!.Keys.Where(x => x[0] == '2').ToList()) operation.Responses.Remove(status);
            var response = new OpenApiResponse { Description = answer.Description ?? "OK", Content = answer.Type is null && answer.ContentTypes.Count == 0 && answer.Status != 204 ? inferred : null };
            foreach (var type in answer.ContentTypes)
            {
                response.Content ??= new Dictionary<string, OpenApiMediaType>();
                response.Content[type] = new OpenApiMediaType { Schema = answer.Type is null ? FileOf(type) : await AnswerSchemaAsync(answer, context, cancellation) };
            }

            operation.Responses[answer.Status.ToString(CultureInfo.InvariantCulture)] = response;
        }

        foreach (var (status, response) in operation.Responses!.Where(x => x.Key[0] == '2'))
        {
            if (response is not OpenApiResponse own) continue;
            if (own.Content is { } content && content.TryGetValue(Json, out var body)) body.Example = OpenApiExamples.Of(call, status);
            own.Headers ??= new Dictionary<string, IOpenApiHeader>();
            own.Headers["X-Correlation-Id"] = Header("As it was sent, or a new one.");
            foreach (var header in metadata.GetOrderedMetadata<DocumentedAnswerHeader>()) own.Headers[header.Name] = Header(header.Description);
        }
    }

    private static async Task<IOpenApiSchema> AnswerSchemaAsync(DocumentedAnswer answer, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var schema = await SchemaAsync(answer.Type!, answer.Common, context, cancellation);
        if (!answer.IsPage) return schema;
        return new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["items"] = new OpenApiSchema { Type = JsonSchemaType.Array, Items = schema },
                ["page"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
                ["pageSize"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
                ["total"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
            },
        };
    }

    private static async Task<IOpenApiSchema> SchemaAsync(Type type, Type? common, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var schema = await OpenApiSchemas.ReferenceAsync(type, context, cancellation);
        return common is null ? schema : new OpenApiSchema { AllOf = [await OpenApiSchemas.ReferenceAsync(common, context, cancellation), schema] };
    }

    private static void AddParameters(OpenApiOperation operation, EndpointMetadataCollection metadata, bool mayChange)
    {
        foreach (var parameter in QueryParameters.Of(metadata).All) Add(operation, ParameterLocation.Query, parameter.Name, parameter.Description, SchemaOf(parameter), parameter.IsRequired);
        foreach (var header in metadata.GetOrderedMetadata<DocumentedHeader>()) AddHeader(operation, header.Name, header.Description, header.IsRequired);
        if (metadata.GetMetadata<ChangesVersion>() is { } change) AddHeader(operation, "If-Match", change.Description, change.IsRequired);
        if (metadata.GetMetadata<IdempotentEndpoint>() is not null)
            AddHeader(operation, "Idempotency-Key", "A repeat with the same key and body gets the first answer and creates nothing twice. Kept for 24 hours.");
        if (mayChange)
            Add(operation, ParameterLocation.Header, "X-Change-Reason", "Recorded with every event that the request causes.", new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 500 }, required: false);
        AddHeader(operation, "X-Correlation-Id", "Recorded with every event that the request causes, and returned; made if it is not sent.");
    }

    private static void AddProblems(OpenApiOperation operation, EndpointMetadataCollection metadata, string call, OpenApiDocument document)
    {
        var isOpen = metadata.GetMetadata<IAllowAnonymous>() is not null;
        var changes = metadata.GetMetadata<ChangesVersion>() is not null;
        List<int> statuses =
        [
            .. operation.Responses!.Keys.Select(x => int.Parse(x, CultureInfo.InvariantCulture)).Where(x => x >= 400),
            400, 503,
            .. isOpen ? (int[])[] : [401, 403, 429],
            .. call.Contains('{', StringComparison.Ordinal) ? (int[])[404] : [],
            .. changes || metadata.GetMetadata<IdempotentEndpoint>() is not null ? (int[])[409] : [],
            .. changes ? (int[])[412, 428] : [],
            .. operation.RequestBody is not null ? (int[])[413, 415] : [],
        ];
        foreach (var status in statuses) operation.Responses[status.ToString(CultureInfo.InvariantCulture)] = OpenApiProblems.Reference(status, document);
        operation.Responses["default"] = new OpenApiResponseReference(OpenApiProblems.Default, document);
    }

    private static void AddSecurity(OpenApiOperation operation, EndpointMetadataCollection metadata, OpenApiDocument document)
    {
        string[] schemes = metadata.GetMetadata<IAllowAnonymous>() is not null ? [] : metadata.GetMetadata<TakesBasicCredentials>() is not null ? ["bearer", "basic"] : ["bearer"];
        operation.Security = [.. schemes.Select(x => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(x, document)] = [] })];
        operation.Extensions ??= new Dictionary<string, IOpenApiExtension>();
        if (metadata.GetMetadata<RequiredPermission>() is { } required) operation.Extensions["x-permission"] = new JsonNodeExtension(required.Permission.Name);
        var more = metadata.GetOrderedMetadata<ConditionalPermission>().Select(x => $"{x.Permission} {x.When}").ToList();
        if (more.Count > 0) operation.Extensions["x-permission-also"] = new JsonNodeExtension(string.Join(", ", more));
    }

    private static OpenApiSchema SchemaOf(QueryParameter parameter) => parameter.Type switch
    {
        QueryParameterType.Number => new OpenApiSchema
        {
            Type = JsonSchemaType.Integer,
            Minimum = parameter.Min?.ToString(CultureInfo.InvariantCulture),
            Maximum = parameter.Max?.ToString(CultureInfo.InvariantCulture),
            Default = parameter.Default,
        },
        QueryParameterType.Flag => new OpenApiSchema { Type = JsonSchemaType.Boolean, Default = false },
        QueryParameterType.Instant => new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" },
        _ => new OpenApiSchema { Type = JsonSchemaType.String, Enum = parameter.Values is { } values ? [.. values.Select(x => (JsonNode)x)] : null },
    };

    private static void AddHeader(OpenApiOperation operation, string name, string description, bool required = false) =>
        Add(operation, ParameterLocation.Header, name, description, new OpenApiSchema { Type = JsonSchemaType.String }, required);

    private static void Add(OpenApiOperation operation, ParameterLocation place, string name, string? description, OpenApiSchema schema, bool required) =>
        operation.Parameters!.Add(new OpenApiParameter { Name = name, In = place, Required = required, Description = description, Schema = schema });

    private static OpenApiHeader Header(string description) => new() { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };

    private static bool IsJson(string type) => type == Json || type.EndsWith("+json", StringComparison.Ordinal);

    /// <summary>What is taken without a schema.</summary>
    private static OpenApiSchema AnyOf(string type) => type switch
    {
        Json => new OpenApiSchema(),
        "application/cloudevents-batch+json" => new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.Object } },
        "multipart/form-data" => new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Required = new HashSet<string> { "file" },
            Properties = new Dictionary<string, IOpenApiSchema> { ["file"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" } },
        },
        _ => new OpenApiSchema { Type = IsJson(type) ? JsonSchemaType.Object : JsonSchemaType.String },
    };

    /// <summary>A file, but for plain text: generated clients would take a string for JSON.</summary>
    private static OpenApiSchema FileOf(string type) =>
        type == Json ? new OpenApiSchema { Type = JsonSchemaType.Object } : new OpenApiSchema { Type = JsonSchemaType.String, Format = type == "text/plain" ? null : "binary" };
}
