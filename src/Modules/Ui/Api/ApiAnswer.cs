using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel;

namespace Notify.Ui.Api;

/// <summary>An answer of the API.</summary>
public sealed class ApiAnswer
{
    private readonly PageAnswer answer;

    public ApiAnswer(PageAnswer answer)
    {
        this.answer = answer;
        Problem = answer.Status >= 400 ? Problem.Of(answer.Status, answer.Body) : null;
    }

    public int Status => answer.Status;

    public bool Succeeded => Problem is null;

    /// <summary>Whether the change needs another person's approval, and was stored as a proposal.</summary>
    public bool IsProposal => Status == 202 && Header("Location")?.Contains("/proposals/", StringComparison.Ordinal) == true;

    /// <summary>Null: the request succeeded.</summary>
    public Problem? Problem { get; }

    public JsonNode? Json => answer.Body.Length == 0 ? null : JsonNode.Parse(answer.Body);

    public byte[] Bytes => answer.Body;

    public string? Header(string name) => answer.Headers.GetValueOrDefault(name);

    /// <exception cref="ApiException">The request was refused.</exception>
    public T Read<T>() => Problem is null
        ? JsonSerializer.Deserialize<T>(answer.Body, NotifyJson.Options) ?? throw new JsonException("The answer is empty.")
        : throw new ApiException(Problem);
}

/// <summary>A problem document of the API.</summary>
/// <param name="Errors">The faults by field.</param>
public sealed record Problem(int Status, string Title, string? Detail, IReadOnlyDictionary<string, string[]> Errors, string? TraceId)
{
    private static readonly IReadOnlyDictionary<string, string[]> none = new Dictionary<string, string[]>();

    /// <summary>The text to show if there is room for one or two sentences.</summary>
    public string Text => Errors.Count == 0
        ? Detail ?? Title : string.Join(' ', Errors.SelectMany(x => x.Value).Distinct(StringComparer.Ordinal).Take(5));

    internal static Problem Of(int status, byte[] body)
    {
        try
        {
            if (JsonNode.Parse(body) is JsonObject document) return new(
                status, document["title"]?.GetValue<string>() ?? "", document["detail"]?.GetValue<string>(),
                document["errors"] is JsonObject errors
                    ? errors.ToDictionary(
                        x => x.Key, x => x.Value is JsonArray texts ? texts.Select(y => y!.GetValue<string>()).ToArray() : [], StringComparer.Ordinal)
                    : none,
                document["traceId"]?.GetValue<string>());
        }
        catch (JsonException)
        {
            // An endpoint that imitates another API answers with a JSON string.
        }

        return new(status, status.ToString(System.Globalization.CultureInfo.InvariantCulture), null, none, null);
    }
}

/// <summary>The API refused a page's request.</summary>
public sealed class ApiException(Problem problem) : Exception(problem.Text)
{
    public Problem Problem { get; } = problem;
}
