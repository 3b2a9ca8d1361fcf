using Microsoft.AspNetCore.Components;
using Notify.Ui.Parts;

namespace Notify.Ui.Forms;

/// <summary>A field of a form: a label, an input, help, and faults.</summary>
public abstract class FormField : NotifyComponent
{
    [Parameter, EditorRequired]
    public FormState Form { get; set; } = null!;

    /// <summary>The path of the field in the API.</summary>
    [Parameter, EditorRequired]
    public string Path { get; set; } = "";

    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    [Parameter]
    public string? Help { get; set; }

    [Parameter]
    public bool Needed { get; set; }

    protected string Id => "f-" + Path.Replace('.', '-').Replace('[', '-').Replace("]", "", StringComparison.Ordinal);

    protected IReadOnlyList<string> Faults => Form.FaultsOf(Path);

    protected bool IsInvalid => Faults.Count > 0;

    protected string? DescribedBy => IsInvalid ? Id + "-fault" : Help is null ? null : Id + "-help";
}
