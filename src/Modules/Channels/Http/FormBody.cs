namespace Notify.Channels.Http;

/// <summary>A body of type <c>application/x-www-form-urlencoded</c>, escaped by RFC 3986 as signatures require.</summary>
internal static class FormBody
{
    /// <param name="fields">Those without a value are omitted.</param>
    public static string Of(params IEnumerable<(string Name, string? Value)> fields) => string.Join(
        '&', fields.Where(x => x.Value is not null).Select(x => $"{x.Name}={Uri.EscapeDataString(x.Value!)}"));
}
