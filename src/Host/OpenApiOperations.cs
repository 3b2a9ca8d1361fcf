using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Notify.Kernel.Http;

namespace Notify.Host;

/// <summary>Describes each operation of the document from the metadata of its endpoint, and adds what holds for all of them.</summary>
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
        foreach (var answer in metadata.GetOrderedMetadata<DocumentedAnswer>()) await ReplaceAnswerAsync(operation, answer, context, cancellation);
        CompleteAnswers(operation, metadata, call);
        await AddProposedAsync(operation, metadata, call, context, cancellation);
        AddParameters(operation, metadata, mayChange: context.Description.HttpMethod != "GET");
        AddProblems(operation, metadata, call, context.Document!);
        AddSecurity(operation, metadata, context.Document!);
    }

    private static async Task AddBodyAsync(
        OpenApiOperation operation, EndpointMetadataCollection metadata, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var content = new Dictionary<string, OpenApiMediaType>();
        foreach (var body in metadata.GetOrderedMetadata<DocumentedBody>())
        {
            var isFree = body.Type is null;
            content[body.ContentType] = new OpenApiMediaType
            {
                Schema = isFree ? AnyOf(body.ContentType) : await OpenApiSchemas.ReferenceAsync(body.Type!, body.Parts, context, cancellation),
                Example = body.Example is null ? null : IsJson(body.ContentType) ? JsonNode.Parse(body.Example) : JsonValue.Create(body.Example),
            };
        }

        if (content.Count == 0) return;
        var isRequired = metadata.GetOrderedMetadata<DocumentedBody>().All(x => x.IsRequired);
        operation.RequestBody = new OpenApiRequestBody { Required = isRequired, Content = content };
    }

    /// <summary>Replaces the answer inferred from the endpoint's type. An answer without a type changes only the status and the
    /// description.</summary>
    private static async Task ReplaceAnswerAsync(
        OpenApiOperation operation, DocumentedAnswer answer, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var inferred = Successes(operation).Select(x => x.Value.Content).FirstOrDefault();
        foreach (var (status, _) in Successes(operation)) operation.Responses!.Remove(status);
        var content = answer.ContentTypes.Count == 0 && answer.Status != 204 ? inferred : null;
        foreach (var type in answer.ContentTypes)
        {
            content ??= new Dictionary<string, OpenApiMediaType>();
            var schema = answer.Type is null ? FileOf(type) : await OpenApiSchemas.ReferenceAsync(answer.Type, answer.Parts, context, cancellation);
            content[type] = new OpenApiMediaType { Schema = schema };
        }

        operation.Responses![Text(answer.Status)] = new OpenApiResponse { Description = answer.Description ?? "OK", Content = content };
    }

    private static void CompleteAnswers(OpenApiOperation operation, EndpointMetadataCollection metadata, string call)
    {
        foreach (var (status, response) in Successes(operation))
        {
            if (response is not OpenApiResponse own) continue;
            if (own.Content is { } content && content.TryGetValue(Json, out var body)) body.Example = OpenApiExamples.Of(call, status);
            own.Headers ??= new Dictionary<string, IOpenApiHeader>();
            own.Headers["X-Correlation-Id"] = Header("The value that was sent, or a new one.");
            foreach (var header in metadata.GetOrderedMetadata<DocumentedAnswerHeader>()) own.Headers[header.Name] = Header(header.Description);
        }
    }

    /// <summary>Adds the answer that replaces the usual success if the approval policy requires a second person.</summary>
    private static async Task AddProposedAsync(
        OpenApiOperation operation, EndpointMetadataCollection metadata, string call, OpenApiOperationTransformerContext context,
        CancellationToken cancellation)
    {
        if (metadata.GetMetadata<MayNeedApproval>() is not { } may || operation.Responses!.ContainsKey("202")) return;
        if (may.Answer is { } type)
        {
            operation.Responses["202"] = new OpenApiResponse
            {
                Description = "The approval policy requires a second person for what is listed as proposed; the rest is done.",
                Headers = new Dictionary<string, IOpenApiHeader> { ["X-Correlation-Id"] = Header("The value that was sent, or a new one.") },
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [Json] = new()
                    {
                        Schema = await OpenApiSchemas.ReferenceAsync(type, context, cancellation),
                        Example = OpenApiExamples.Of(call, "200"),
                    },
                },
            };
            return;
        }

        operation.Responses["202"] = new OpenApiResponse
        {
            Description = "The approval policy requires a second person: nothing is changed, and this is the proposal.",
            Headers = new Dictionary<string, IOpenApiHeader>
            {
                ["X-Correlation-Id"] = Header("The value that was sent, or a new one."),
                ["Location"] = Header("The address of the proposal."),
            },
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [Json] = new()
                {
                    Schema = new OpenApiSchemaReference("ProposalView", context.Document!),
                    Example = OpenApiExamples.Of("GET /api/v1/proposals/{id}", "200"),
                },
            },
        };
    }

    private static List<KeyValuePair<string, IOpenApiResponse>> Successes(OpenApiOperation operation) =>
        [.. operation.Responses!.Where(x => x.Key[0] == '2')];

    private static void AddParameters(OpenApiOperation operation, EndpointMetadataCollection metadata, bool mayChange)
    {
        foreach (var x in QueryParameters.Of(metadata).All) Add(operation, ParameterLocation.Query, x.Name, x.Description, SchemaOf(x), x.IsRequired);
        foreach (var x in metadata.GetOrderedMetadata<DocumentedHeader>()) AddHeader(operation, x.Name, x.Description, x.IsRequired);
        if (metadata.GetMetadata<ChangesVersion>() is { } change) AddHeader(operation, "If-Match", change.Description, change.IsRequired);
        if (metadata.GetMetadata<IdempotentEndpoint>() is not null)
            AddHeader(
                operation, "Idempotency-Key",
                "A repeat with the same key and body gets the first answer and creates nothing twice. Kept for 24 h.");
        var reason = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 500 };
        const string Recorded = "Recorded with every event that the request causes.";
        if (mayChange) Add(operation, ParameterLocation.Header, "X-Change-Reason", Recorded, reason, required: false);
        AddHeader(operation, "X-Correlation-Id", "Recorded with every event that the request causes, and returned; generated if it is not sent.");
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
        foreach (var status in statuses) operation.Responses[Text(status)] = OpenApiProblems.Reference(status, document);
        operation.Responses["default"] = new OpenApiResponseReference(OpenApiProblems.Default, document);
    }

    private static void AddSecurity(OpenApiOperation operation, EndpointMetadataCollection metadata, OpenApiDocument document)
    {
        string[] schemes = metadata.GetMetadata<IAllowAnonymous>() is not null ? []
            : metadata.GetMetadata<TakesBasicCredentials>() is not null ? ["bearer", "session", "basic"] : ["bearer", "session"];
        operation.Security = [.. schemes.Select(x => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(x, document)] = [] })];
        operation.Extensions ??= new Dictionary<string, IOpenApiExtension>();
        if (metadata.GetMetadata<RequiredPermission>()?.Permission is { } required)
            operation.Extensions["x-permission"] = new JsonNodeExtension(required.Name);
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

    private static void Add(
        OpenApiOperation operation, ParameterLocation place, string name, string? description, OpenApiSchema schema, bool required) =>
        operation.Parameters!.Add(new OpenApiParameter { Name = name, In = place, Required = required, Description = description, Schema = schema });

    private static OpenApiHeader Header(string description) =>
        new() { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };

    private static string Text(int status) => status.ToString(CultureInfo.InvariantCulture);

    private static bool IsJson(string type) => type == Json || type.EndsWith("+json", StringComparison.Ordinal);

    /// <summary>The schema of a body that is accepted in any form.</summary>
    private static OpenApiSchema AnyOf(string type) => type switch
    {
        Json => new OpenApiSchema(),
        "application/cloudevents-batch+json" =>
            new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.Object } },
        "multipart/form-data" => new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Required = new HashSet<string> { "file" },
            Properties = new Dictionary<string, IOpenApiSchema> { ["file"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" } },
        },
        _ => new OpenApiSchema { Type = IsJson(type) ? JsonSchemaType.Object : JsonSchemaType.String },
    };

    /// <summary>The schema of a file. It is binary except for plain text, because generated clients would take a string for JSON.</summary>
    private static OpenApiSchema FileOf(string type) => type switch
    {
        Json => new OpenApiSchema { Type = JsonSchemaType.Object },
        "text/plain" => new OpenApiSchema { Type = JsonSchemaType.String },
        _ => new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" },
    };
}
