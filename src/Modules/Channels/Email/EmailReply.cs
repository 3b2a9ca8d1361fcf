using System.Text.RegularExpressions;

namespace Notify.Channels.Email;

/// <summary>A server's answer to one command.</summary>
/// <param name="Status">RFC 5321, 4.2: 2xx done, 4xx not now, 5xx never.</param>
/// <param name="Enhanced">RFC 3463, such as <c>5.1.1</c>: says more, and so counts before the status; null: the server gives none.</param>
/// <param name="Text">As it came, with the enhanced code.</param>
internal sealed partial record EmailReply(int Status, string? Enhanced, string Text)
{
    public bool IsPassing => Status is >= 400 and < 500;

    public string Code => Enhanced ?? $"{Status}";

    /// <summary>The reply as the server sent it.</summary>
    public string Line => $"{Status} {Text}";

    public static EmailReply Of(int status, string text)
    {
        var code = EnhancedCode().Match(text);
        return new(status, code.Success ? code.Value : null, text.ReplaceLineEndings(" ").Trim());
    }

    /// <summary>From a text that begins with the status, as failures of signing in have it.</summary>
    public static EmailReply? Parse(string text) =>
        text.Length >= 3 && int.TryParse(text.AsSpan(0, 3), out var status) && status is >= 200 and < 600
            ? Of(status, text[3..].TrimStart(':', ' ', '-')) : null;

    [GeneratedRegex(@"^[245]\.\d{1,3}\.\d{1,3}\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex EnhancedCode();
}
