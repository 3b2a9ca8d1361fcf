namespace Notify.Kernel.Texts;

/// <summary>The same text in English and in Chinese. In answers it is <c>{ "en": "…", "zh": "…" }</c>.</summary>
public sealed record BilingualText(string En, string Zh)
{
    private const string Separator = " | ";

    public string In(bool chinese) => chinese ? Zh : En;

    /// <summary>Reads <c>English | 中文</c>, the form of long tables.</summary>
    /// <exception cref="FormatException">The line is not of this form.</exception>
    public static BilingualText Parse(string line) => line.Split(Separator) is [var english, var chinese]
        ? new(english, chinese)
        : throw new FormatException($"This line is not of the form 'English | 中文': {line}");
}
