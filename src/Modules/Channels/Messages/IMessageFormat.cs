using System.Text;
using Notify.Kernel.Texts;

namespace Notify.Channels.Messages;

/// <summary>
/// A format in which a channel's messages are written. It knows what in it is markup, so that an alarm's own words can be none, and call nobody.
/// </summary>
public interface IMessageFormat
{
    /// <summary>As it stands in a message's <c>format</c>.</summary>
    string Name { get; }

    BilingualText Label { get; }

    /// <summary>What stands before an account in the text to call it; null: the format has no such call, and no value ever stands in
    /// <see cref="ValuePlace.Mention"/>.</summary>
    string? CallOpener { get; }

    /// <summary>What stands behind it.</summary>
    char CallCloser { get; }

    /// <summary>Whether Notify's own words may stand before a text of it, such as that it is a reminder: not where a program reads it.</summary>
    bool TakesWordsInFront => true;

    /// <summary>How many characters before a value tell where it stands.</summary>
    int FarthestLook => 2048;

    /// <summary>Where a value stands between these texts of a template.</summary>
    /// <param name="before">The template up to the value, with <see cref="ValuePlaces.Parameter"/> for each parameter before it.</param>
    /// <param name="after">What follows on it.</param>
    ValuePlace PlaceOf(ReadOnlySpan<char> before, ReadOnlySpan<char> after);

    /// <summary>Appends a value made harmless for its place: it adds no markup, ends none, and calls nobody.</summary>
    /// <param name="oneLine">Whether it may not add a line, although the format's values may.</param>
    void Append(StringBuilder text, string value, ValuePlace place = ValuePlace.Words, bool oneLine = false);

    /// <summary>Whom a text of this format calls where it names them, in order. Only a message's author can have written that, as an alarm's own
    /// words cannot.</summary>
    IEnumerable<string> CallsIn(string text);
}
