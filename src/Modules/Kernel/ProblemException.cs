namespace Notify.Kernel;

/// <summary>A request that cannot be carried out; the caller gets it as an RFC 9457 problem document.</summary>
public sealed class ProblemException(int status, string title, string? detail = null, IDictionary<string, string[]>? errors = null)
    : Exception(detail ?? title)
{
    public int Status => status;
    public string Title => title;
    public string? Detail => detail;
    public IDictionary<string, string[]>? Errors => errors;

    /// <summary>The number of faults that are not in <see cref="Errors"/>.</summary>
    public long ErrorsLeftOut { get; init; }

    /// <summary>Seconds after which the caller may try again; sent as <c>Retry-After</c>.</summary>
    public int? RetryAfter { get; init; }

    public static ProblemException Invalid(Errors errors)
    {
        var list = errors.ToDictionary();
        var (path, messages) = list.First();
        var first = path.Length == 0 ? messages[0] : $"{path}: {messages[0]}";
        return new(400, "The request is not valid.", errors.LeftOut == 0
            ? first : $"{first} This is the first of at least {Kernel.Errors.Most + errors.LeftOut} errors.",
            list)
        { ErrorsLeftOut = errors.LeftOut };
    }

    public static ProblemException Invalid(string path, string message)
    {
        var errors = new Errors();
        errors.Add(path, message);
        return Invalid(errors);
    }

    public static ProblemException NotFound(string kind, string id) => new(404, "Not found.", Ids.NoSuch(kind, id));

    public static ProblemException Conflict(string detail, IDictionary<string, string[]>? errors = null) => new(409, "Conflict.", detail, errors);

    public static ProblemException Unavailable(string detail, int retryAfterSeconds = 2) =>
        new(503, "Temporarily unavailable.", detail) { RetryAfter = retryAfterSeconds };
}

/// <summary>An exception that says itself what a caller is answered whose request it ends, for faults in what is stored, which any request may come
/// upon. It is logged as an error.</summary>
public interface IRefusal
{
    ProblemException Refusal { get; }
}
