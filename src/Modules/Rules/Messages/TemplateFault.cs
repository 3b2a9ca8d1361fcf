namespace Notify.Rules.Messages;

/// <summary>What is wrong with a template, and where.</summary>
/// <param name="Parameter">The unknown parameter as it was written; null when a brace is the fault.</param>
/// <param name="Line">From 1; a line ends with LF, CR LF or CR.</param>
/// <param name="Column">From 1, in UTF-16 units, as editors and browsers count; that of the brace.</param>
/// <param name="Offset">From 0, in UTF-16 units.</param>
public sealed record TemplateFault(string? Parameter, string Problem, int Line, int Column, int Offset)
{
    public override string ToString() => $"{Problem} at line {Line}, column {Column} (character {Offset}).";
}
