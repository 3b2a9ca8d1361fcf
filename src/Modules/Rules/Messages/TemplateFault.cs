namespace Notify.Rules.Messages;

/// <summary>A fault in a template, and its position.</summary>
/// <param name="Parameter">The invalid parameter as it was written; null when the fault is a brace.</param>
/// <param name="Line">From 1; a line ends with LF, CR LF or CR.</param>
/// <param name="Column">The column of the brace, from 1, in UTF-16 code units, as editors and browsers count.</param>
/// <param name="Offset">The position of the brace in the content, from 0, in UTF-16 code units.</param>
public sealed record TemplateFault(string? Parameter, string Problem, int Line, int Column, int Offset)
{
    public override string ToString() => $"{Problem} at line {Line}, column {Column} (character {Offset}).";
}
