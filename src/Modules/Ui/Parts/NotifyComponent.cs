using Microsoft.AspNetCore.Components;
using Notify.Contracts.Rules;
using Notify.Ui.Api;

namespace Notify.Ui.Parts;

/// <summary>The base of all parts of pages: the reader's language, and the API.</summary>
public abstract class NotifyComponent : ComponentBase
{
    [Inject]
    protected Reader Reader { get; set; } = null!;

    [Inject]
    protected ConsoleApi Api { get; set; } = null!;

    /// <summary>The text in the reader's language.</summary>
    protected string T(string english, string chinese) => Reader.IsChinese ? chinese : english;

    /// <summary>The word for a code of the API; the code itself if there is none.</summary>
    protected string Word(string? code) => code is null ? "" : Kernel.Texts.CodeWords.Of(code)?.In(Reader.IsChinese) ?? code;

    /// <summary>The name of an escalation, a reminder or another way.</summary>
    /// <param name="number">Of the reminder, from 1; 0 for the other kinds.</param>
    protected string NameOf(StepKind kind, int number)
    {
        var name = Word(kind.ToString().ToLowerInvariant());
        return number > 0 ? T($"{name} {number}", $"第 {number} 次{name}") : name;
    }
}

/// <summary>A page with several addresses, which is updated for each.</summary>
public abstract class NotifyPage : LiveComponent
{
    /// <summary>The current address. Without it, a page whose route has no parameters would not be updated when another of its addresses is
    /// shown.</summary>
    [CascadingParameter(Name = "Location")]
    public string Location { get; set; } = "";
}
