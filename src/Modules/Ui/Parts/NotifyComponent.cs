using Microsoft.AspNetCore.Components;
using Notify.Ui.Api;

namespace Notify.Ui.Parts;

/// <summary>What every part of a page has: its reader's language, and the API.</summary>
public abstract class NotifyComponent : ComponentBase
{
    [Inject]
    protected Reader Reader { get; set; } = null!;

    [Inject]
    protected ConsoleApi Api { get; set; } = null!;

    /// <summary>The text in the reader's language.</summary>
    protected string T(string english, string chinese) => Reader.IsChinese ? chinese : english;

    /// <summary>The word for a code of the API; the code itself where there is none.</summary>
    protected string Word(string? code) => code is null ? "" : Kernel.Texts.CodeWords.Of(code)?.In(Reader.IsChinese) ?? code;
}

/// <summary>A page that shows different things at different addresses of its own: it is told of each.</summary>
public abstract class NotifyPage : NotifyComponent
{
    /// <summary>Of the page now. Without it a page whose route has no parameters would not hear that it is shown at another of its
    /// addresses.</summary>
    [CascadingParameter(Name = "Location")]
    public string Location { get; set; } = "";
}
