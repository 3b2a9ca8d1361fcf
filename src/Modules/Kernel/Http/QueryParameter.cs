namespace Notify.Kernel.Http;

/// <summary>The type of a query parameter's value.</summary>
public enum QueryParameterType
{
    Text,
    Number,
    Flag,
    Instant,
}

/// <summary>
/// A query parameter of an endpoint: its name, and its description for the OpenAPI document. A string converts to a parameter with free text.
/// </summary>
public sealed record QueryParameter(string Name)
{
    public static readonly QueryParameter Page = Number("page", 1, int.MaxValue / 200, 1);
    public static readonly QueryParameter PageSize = Number("pageSize", 1, 200, 20);
    public static readonly QueryParameter Limit = Number("limit", 1, 1000, 100);
    public static readonly QueryParameter Cursor = new("cursor") { Description = "nextCursor of the page before." };
    public static readonly QueryParameter Language = OneOf("lang", "en", "zh");

    public QueryParameterType Type { get; private init; }

    /// <summary>The allowed values; null: any.</summary>
    public IReadOnlyList<string>? Values { get; private init; }

    public int? Min { get; private init; }
    public int? Max { get; private init; }

    /// <summary>The value if it is omitted.</summary>
    public int? Default { get; private init; }

    public string? Description { get; init; }

    /// <summary>Whether the request is refused without it.</summary>
    public bool IsRequired { get; init; }

    public QueryParameter Required => this with { IsRequired = true };

    public static implicit operator QueryParameter(string name) => new(name);

    public static QueryParameter FromString(string name) => new(name);

    public static QueryParameter OneOf(string name, params IReadOnlyList<string> values) => new(name) { Values = values };

    public static QueryParameter OneOf<TEnum>(string name)
        where TEnum : struct, Enum => OneOf(name, Enum.GetNames<TEnum>());

    public static QueryParameter Number(string name, int min, int? max = null, int? fallback = null) =>
        new(name) { Type = QueryParameterType.Number, Min = min, Max = max, Default = fallback };

    /// <summary>False if omitted.</summary>
    public static QueryParameter Flag(string name) => new(name) { Type = QueryParameterType.Flag };

    public static QueryParameter Instant(string name) => new(name) { Type = QueryParameterType.Instant };
}
