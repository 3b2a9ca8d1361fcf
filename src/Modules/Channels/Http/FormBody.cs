namespace Notify.Channels.Http;

/// <summary>A body of type <c>application/x-www-form-urlencoded</c>, every character escaped that a signature counts.</summary>
internal static class FormBody
{
    /// <param name="fields">Those without a value are left out.</param>
    public static string Of(params IEnumerable<(string Name, string? Value)> fields) => string.Join(
        '&', fields.Where(x => x.Value is not null).Select(x => $"{x.Name}={Uri.EscapeDataString(x.Value!)}"));
}
