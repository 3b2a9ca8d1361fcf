using System.Text;
using Notify.Kernel.Texts;

namespace Notify.Channels.Messages;

/// <summary>
/// A format of a channel's messages. It knows its markup, so that it can prevent values from an alarm from being markup or mentioning people.
/// </summary>
public interface IMessageFormat
{
    /// <summary>The value of a message's <c>format</c>.</summary>
    string Name { get; }

    BilingualText Label { get; }

    /// <summary>The text before an account in a mention; null: the format has no mentions, and no value is ever in a
    /// <see cref="ValuePlace.Mention"/>.</summary>
    string? CallOpener { get; }

    /// <summary>The character after the account.</summary>
    char CallCloser { get; }

    /// <summary>Whether Notify may put words before a text, such as that it is a reminder; false if a program reads the text.</summary>
    bool TakesWordsInFront => true;

    /// <summary>How many characters before a value suffice to determine its place.</summary>
    int FarthestLook => 2048;

    /// <summary>Determines the place of a value between these parts of a template.</summary>
    /// <param name="before">The template up to the value, with <see cref="ValuePlaces.Parameter"/> for each parameter in it.</param>
    /// <param name="after">The template after the value.</param>
    ValuePlace PlaceOf(ReadOnlySpan<char> before, ReadOnlySpan<char> after);

    /// <summary>Appends a value escaped for its place: it adds no markup, ends none, and mentions nobody.</summary>
    /// <param name="oneLine">Whether the value must not add a line, even if the format allows it.</param>
    void Append(StringBuilder text, string value, ValuePlace place = ValuePlace.Words, bool oneLine = false);

    /// <summary>The accounts mentioned in a text, in order. Only a message's author can have written them, since values from an alarm are
    /// escaped.</summary>
    IEnumerable<string> CallsIn(string text);
}
