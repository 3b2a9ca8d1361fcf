using System.Text.RegularExpressions;

namespace Notify.Channels.Email;

/// <summary>A server's reply to one command.</summary>
/// <param name="Status">RFC 5321, 4.2: 2xx success, 4xx temporary failure, 5xx permanent failure.</param>
/// <param name="Enhanced">RFC 3463, such as <c>5.1.1</c>; more specific than the status and used in its place. Null: the server gave none.</param>
/// <param name="Text">The reply's text, including the enhanced code.</param>
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

    /// <summary>Parses a text that begins with the status, as in the messages of authentication failures.</summary>
    public static EmailReply? Parse(string text) =>
        text.Length >= 3 && int.TryParse(text.AsSpan(0, 3), out var status) && status is >= 200 and < 600
            ? Of(status, text[3..].TrimStart(':', ' ', '-')) : null;

    [GeneratedRegex(@"^[245]\.\d{1,3}\.\d{1,3}\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex EnhancedCode();
}
