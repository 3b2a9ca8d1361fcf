namespace Notify.Kernel.Http;

/// <summary>What a query parameter holds.</summary>
public enum QueryParameterType
{
    Text,
    Number,
    Flag,
    Instant,
}

/// <summary>
/// One query parameter that an endpoint takes: its name, and for the OpenAPI document what it holds. A text by itself names a free text.
/// </summary>
public sealed record QueryParameter(string Name)
{
    public static readonly QueryParameter Page = Number("page", 1, int.MaxValue / 200, 1);
    public static readonly QueryParameter PageSize = Number("pageSize", 1, 200, 20);
    public static readonly QueryParameter Limit = Number("limit", 1, 1000, 100);
    public static readonly QueryParameter Cursor = new("cursor") { Description = "nextCursor of the page before." };
    public static readonly QueryParameter Language = OneOf("lang", "en", "zh");

    public QueryParameterType Type { get; private init; }

    /// <summary>Null: any.</summary>
    public IReadOnlyList<string>? Values { get; private init; }

    public int? Min { get; private init; }
    public int? Max { get; private init; }

    /// <summary>What holds when it is left out.</summary>
    public int? Default { get; private init; }

    public string? Description { get; init; }

    /// <summary>Without it the request is refused.</summary>
    public bool IsRequired { get; init; }

    public QueryParameter Required => this with { IsRequired = true };

    public static implicit operator QueryParameter(string name) => new(name);

    public static QueryParameter FromString(string name) => new(name);

    public static QueryParameter OneOf(string name, params IReadOnlyList<string> values) => new(name) { Values = values };

    public static QueryParameter OneOf<TEnum>(string name)
        where TEnum : struct, Enum => OneOf(name, Enum.GetNames<TEnum>());

    public static QueryParameter Number(string name, int min, int? max = null, int? fallback = null) =>
        new(name) { Type = QueryParameterType.Number, Min = min, Max = max, Default = fallback };

    /// <summary>False when it is left out.</summary>
    public static QueryParameter Flag(string name) => new(name) { Type = QueryParameterType.Flag };

    public static QueryParameter Instant(string name) => new(name) { Type = QueryParameterType.Instant };
}
