using System.Text;

namespace Notify.Kernel;

/// <summary>An internal error as a single line that can be recorded: without characters that the store refuses, the SQL statement or the stack
/// trace.</summary>
public static class FaultText
{
    private const int Longest = 500;

    public static string Of(Exception e)
    {
        var cause = e.GetBaseException();
        var line = cause.Message.AsSpan();
        if (line.IndexOfAny('\r', '\n') is var end and >= 0) line = line[..end];
        var text = new StringBuilder(cause.GetType().Name).Append(": ");
        foreach (var rune in line.EnumerateRunes())
            if (text.Length < Longest) text.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        return text.ToString();
    }
}
