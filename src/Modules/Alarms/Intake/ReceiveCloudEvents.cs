using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Alarms.Intake;

/// <summary><c>POST /intake/cloudevents</c> (CloudEvents 1.0 over HTTP: binary, structured, batch). The data is an alarm as in <c>POST /alarms</c>;
/// missing fields are taken from the event's attributes. <c>source</c> and <c>id</c> together are unique, so the same event sent again changes
/// nothing.</summary>
public sealed class ReceiveCloudEvents(AlarmWriter writer, KnownSecrets secrets, TimeProvider time)
{
    private static readonly string[] required = ["id", "source", "specversion", "type"];

    /// <param name="events">Each event as a JSON object of its attributes and <c>data</c>; at most 1,000.</param>
    /// <returns>Completes when all valid alarms are on durable storage.</returns>
    /// <exception cref="ProblemException">400: no event is valid; 503: the database is unavailable.</exception>
    public Task<IntakeAnswer> RunAsync(IReadOnlyList<JsonElement> events, AuditContext audit)
    {
        var batch = new IntakeBatch(audit, "events");
        var now = time.GetUtcNow();
        foreach (var (index, item) in events.Index())
            batch.Add(index, default, (errors, warnings) => Command(item, secrets, now, audit, errors, warnings));
        return batch.WriteAnyAsync(writer);
    }

    private static AlarmCommand? Command(
        JsonElement item, KnownSecrets secrets, DateTimeOffset now, AuditContext audit, Errors errors, Errors warnings)
    {
        if (IntakeText.Node(item, "", errors) is not JsonObject e)
        {
            if (!errors.Any) errors.Add("", "An event must be a JSON object.");
            return null;
        }

        foreach (var name in required)
            if (Attribute(e, name) is null) errors.Add(name, "This attribute is required, as text.");
        if (Attribute(e, "specversion") is { } version && version != "1.0") errors.Add("specversion", "Only CloudEvents 1.0 is supported.");
        if (errors.Any) return null;

        var alarm = Data(e, secrets, errors) switch
        {
            JsonObject data => data,
            null => [],
            JsonValue value => new JsonObject { ["value"] = value.DeepClone() },
            _ => null,
        };
        if (alarm is null) errors.Add("data", "Give an alarm as a JSON object.");
        if (alarm is null || errors.Any) return null;
        alarm["name"] ??= Attribute(e, "type");
        alarm["path"] ??= Attribute(e, "subject");
        alarm["eventTime"] ??= Attribute(e, "time");
        using var document = JsonSerializer.SerializeToDocument(alarm, NotifyJson.Options);
        if (AlarmReport.Read(document.RootElement, now, errors, warnings) is not { } report) return null;
        return AlarmReport.Command(report, audit) with { EventId = Ids.DerivedGuid($"cloudevent\n{Attribute(e, "source")}\n{Attribute(e, "id")}") };
    }

    /// <summary>As everywhere, null counts as absent.</summary>
    private static JsonNode? Data(JsonObject e, KnownSecrets secrets, Errors errors)
    {
        if (e["data_base64"] is not { } encoded) return e["data"]?.DeepClone();
        if (e["data"] is not null)
        {
            errors.Add("data", "Give either data or data_base64.");
            return null;
        }

        try
        {
            if (encoded is JsonValue value && value.TryGetValue<string>(out var text))
            {
                using var document = JsonText.Parse(Decode(text, secrets), findDuplicates: false, out _);
                return IntakeText.Node(document.RootElement, "data_base64", errors);
            }
        }
        catch (Exception fault) when (fault is FormatException or ProblemException)
        {
            // The fault is added below.
        }

        errors.Add("data_base64", "Give JSON in base 64.");
        return null;
    }

    private static byte[] Decode(string text, KnownSecrets secrets)
    {
        var bytes = Convert.FromBase64String(text);
        secrets.Mask(bytes);
        return bytes;
    }

    private static string? Attribute(JsonObject e, string name) =>
        e[name] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 && PlainText.IsStorable(text) ? text : null;
}

/// <summary>Reads one or several events from a request, in any of the three modes.</summary>
internal static class CloudEventsEndpoint
{
    private const string Structured = "application/cloudevents";
    private const string Batch = "application/cloudevents-batch";

    /// <summary>The headers that hold an event's attributes in binary mode begin with this.</summary>
    private const string Attributes = "ce-";

    private static readonly UTF8Encoding strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static void Map(RouteGroupBuilder intake) =>
        intake.MapPost("/cloudevents", async (HttpContext http, ReceiveCloudEvents receive, KnownSecrets secrets) =>
            http.Accepted(await receive.RunAsync(await ReadAsync(http.Request, secrets), http.Audit())))
            .Idempotent(Attributes).Requires(Permission.AlarmsReport).KeepsToPaths()
            .Document("receiveCloudEvents", "Alarms as CloudEvents", "Binary, structured and batch mode.")
            .Takes("application/cloudevents+json").Takes("application/cloudevents-batch+json").Takes()
            .Answers<IntakeAnswer>(StatusCodes.Status202Accepted, IntakeEndpoint.Durable);

    /// <summary>Each event as a JSON object of its attributes and <c>data</c>, whatever the mode.</summary>
    private static async Task<IReadOnlyList<JsonElement>> ReadAsync(HttpRequest request, KnownSecrets secrets)
    {
        var mediaType = MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ? type.MediaType ?? "" : "";
        // Batch first, since its media type begins with that of the structured mode.
        if (Is(mediaType, Batch))
            return await JsonAsync(request) is { ValueKind: JsonValueKind.Array } events && events.GetArrayLength() <= 1000
                ? [.. events.EnumerateArray()] : throw ProblemException.Invalid("", "Give a list of at most 1000 events.");
        if (Is(mediaType, Structured)) return [await JsonAsync(request)];
        if (!request.Headers.ContainsKey("ce-specversion"))
            throw new ProblemException(415, "Unsupported media type.",
                "Send CloudEvents 1.0: application/cloudevents+json, application/cloudevents-batch+json, or JSON with ce- headers.");

        var item = new JsonObject();
        foreach (var (name, value) in request.Headers.Where(x => x.Key.StartsWith(Attributes, StringComparison.OrdinalIgnoreCase)))
            item[name[Attributes.Length..].ToLowerInvariant()] = secrets.Mask(HeaderText(name, value.ToString()));
        // An event may have attributes only. The data is passed on unchanged; its faults are found when the event is read.
        using var body = await request.ReadOptionalJsonAsync();
        var data = body is null ? "" : $",\"data\":{body.Root.GetRawText()}";
        try
        {
            return [JsonSerializer.Deserialize<JsonElement>($"{item.ToJsonString()[..^1]}{data}}}")];
        }
        catch (JsonException e)
        {
            // As one of its event's attributes the data is nested too deep.
            throw RequestBody.Invalid(e);
        }

        static bool Is(string mediaType, string prefix) => mediaType.Equals(prefix + "+json", StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<JsonElement> JsonAsync(HttpRequest request)
    {
        using var body = await request.ReadJsonAsync(acceptAnyType: true);
        return body.Root.Clone();
    }

    /// <summary>Decodes percent-encoded UTF-8 once; the value may be quoted (CloudEvents HTTP binding, 3.1.3.2).</summary>
    private static string HeaderText(string name, string value)
    {
        if (value.Length > 1 && value[0] == '"' && value[^1] == '"') value = value[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal)
            .Replace(@"\\", @"\", StringComparison.Ordinal);
        try
        {
            // Unlike in forms, a plus sign is not a space here.
            var encoded = Encoding.UTF8.GetBytes(value.Replace("+", "%2B", StringComparison.Ordinal));
            var bytes = WebUtility.UrlDecodeToBytes(encoded, 0, encoded.Length)!;
            return bytes.Length <= 8000
                ? strictUtf8.GetString(bytes) : throw ProblemException.Invalid(name.ToLowerInvariant(), "The attribute is too long.");
        }
        catch (DecoderFallbackException)
        {
            throw ProblemException.Invalid(name.ToLowerInvariant(), "The attribute is not percent-encoded UTF-8.");
        }
    }
}
