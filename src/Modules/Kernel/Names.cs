using System.Globalization;
using System.Text;

namespace Notify.Kernel;

/// <summary>
/// The rule for all names: what a name may contain, and when two are the same (docs/decisions/0018). It applies to services, messages, schedules,
/// rules, aliases, accounts, holds and alarms.
/// </summary>
public static class Names
{
    public const int MaxLength = 64;

    private const int ZeroWidthNonJoiner = 0x200C;
    private const int ZeroWidthJoiner = 0x200D;
    private const int TextVariation = 0xFE0E;
    private const int PictureVariation = 0xFE0F;
    private const int Keycap = 0x20E3;

    private enum Sort
    {
        Shown,

        /// <summary>A control character, or the end of a line or paragraph.</summary>
        Control,

        /// <summary>Looks like a space but is not white space.</summary>
        Blank,

        /// <summary>Invisible, or changes the writing direction.</summary>
        Hidden,
    }

    /// <summary>Compares by <see cref="KeyOf"/>.</summary>
    public static IEqualityComparer<string> Comparer { get; } = new ByKey();

    /// <summary>A name as stored: composed (NFC), without white space at its ends.</summary>
    public static string Kept(string name) => Whole(name).Normalize(NormalizationForm.FormC).Trim();

    /// <summary>Checks a name as returned by <see cref="Kept"/>; null: it is valid.</summary>
    public static string? FaultOf(string name, int maxLength = MaxLength)
    {
        if (name.Length == 0) return "A name is required.";
        Rune[] runes = [.. name.EnumerateRunes()];
        if (runes.Length > maxLength) return $"A name has at most {maxLength} characters.";
        if (HiddenIn(runes) is { } fault) return fault;
        return KeyOf(name).Length == 0 ? "A name is required." : null;
    }

    /// <summary>Like <see cref="FaultOf"/>, for a text that may be empty.</summary>
    public static string? HiddenIn(string text) => HiddenIn([.. text.EnumerateRunes()]);

    /// <summary>
    /// The key of a name: equal for names that a reader would take for the same, ignoring case, the width and form of characters (NFKC), the width of
    /// gaps, and invisible characters.
    /// </summary>
    public static string KeyOf(string name)
    {
        if (IsSimple(name)) return name.ToUpperInvariant();
        var key = new StringBuilder(name.Length);
        foreach (var rune in Plain(name).EnumerateRunes())
        {
            if (!Rune.IsWhiteSpace(rune) && SortOf(rune) is not (Sort.Blank or Sort.Control)) key.Append(Rune.ToUpperInvariant(rune));
            else if (key.Length > 0 && key[^1] != ' ') key.Append(' ');
        }

        // Characters that have become adjacent may compose.
        return key.ToString().TrimEnd().Normalize(NormalizationForm.FormKC);
    }

    public static bool Same(string? a, string? b) =>
        string.Equals(a, b, StringComparison.Ordinal) || (a is not null && b is not null && KeyOf(a) == KeyOf(b));

    /// <summary>The item with exactly this name, or else one with an equivalent name.</summary>
    public static T? Find<T>(IEnumerable<T> all, Func<T, string> nameOf, string? name)
        where T : class =>
        all.FirstOrDefault(x => nameOf(x) == name) ?? all.FirstOrDefault(x => Same(nameOf(x), name));

    /// <summary>A text normalised for searching: NFKC, without invisible characters. Keeps the case.</summary>
    public static string Plain(string text)
    {
        if (Ascii.IsValid(text)) return text;
        var normal = Whole(text).Normalize(NormalizationForm.FormKC);
        foreach (var rune in normal.EnumerateRunes())
            if (IsHidden(rune))
                return string.Concat(normal.EnumerateRunes().Where(x => !IsHidden(x)));
        return normal;
    }

    /// <summary>
    /// Cleans a name from a source that must not be refused because of an odd character: control characters, line ends and false spaces become a
    /// single space, invisible characters are removed.
    /// </summary>
    /// <param name="odd">The characters concerned, <c>U+000A, U+202E</c>; null if there were none.</param>
    public static string Readable(string name, out string? odd)
    {
        odd = null;
        name = Kept(name);
        if (!MayBeOdd(name)) return name;
        var found = new SortedSet<int>();
        // Removing characters can make others adjacent that are then odd, so this is repeated until nothing changes.
        string before;
        do
        {
            before = name;
            name = Kept(WithoutOdd([.. name.EnumerateRunes()], found));
        }
        while (name != before);

        if (found.Count > 0) odd = string.Join(", ", found.Take(10).Select(NumberOf));
        return name;
    }

    private static string WithoutOdd(Rune[] runes, SortedSet<int> found)
    {
        var text = new StringBuilder(runes.Length);
        foreach (var (i, rune) in runes.Index())
        {
            var sort = SortAt(runes, i);
            if (sort == Sort.Shown)
            {
                text.Append(rune);
                continue;
            }

            found.Add(rune.Value);
            if (sort != Sort.Hidden && text.Length > 0 && text[^1] != ' ') text.Append(' ');
        }

        return text.ToString();
    }

    private static string? HiddenIn(Rune[] runes)
    {
        for (var i = 0; i < runes.Length; i++)
        {
            var sort = SortAt(runes, i);
            if (sort == Sort.Control)
                return $"A name may not contain line breaks or control characters: {NumberOf(runes[i].Value)} is character {i + 1}.";
            if (sort != Sort.Shown) return $"A name may not contain characters that cannot be seen: {NumberOf(runes[i].Value)} is character {i + 1}.";
        }

        return null;
    }

    /// <summary>The sort of a character in its context: some invisible characters are needed to write a script or an emoji.</summary>
    private static Sort SortAt(Rune[] runes, int i)
    {
        var sort = SortOf(runes[i]);
        if (sort != Sort.Hidden || i == 0) return sort;
        var (before, after) = (runes[i - 1], i + 1 < runes.Length ? runes[i + 1] : default);
        var isNeeded = runes[i].Value switch
        {
            // Emoji joined into one: a family, a flag, an occupation.
            ZeroWidthJoiner when IsPicture(after) && IsPicture(before.Value == PictureVariation && i > 1 ? runes[i - 2] : before) => true,
            // Persian and the scripts of South Asia distinguish words by them.
            ZeroWidthJoiner or ZeroWidthNonJoiner => IsJoining(before),
            TextVariation or PictureVariation => IsPicture(before) || after.Value == Keycap,
            // Variants of Chinese characters in Japanese names, and of Mongolian letters.
            (>= 0xFE00 and <= 0xFE02) or (>= 0xE0100 and <= 0xE01EF) => IsIdeograph(before),
            >= 0x180B and <= 0x180F => before.Value is >= 0x1800 and <= 0x18AF,
            _ => false,
        };
        return isNeeded ? Sort.Shown : Sort.Hidden;
    }

    private static Sort SortOf(Rune rune) => rune.Value switch
    {
        < 0x20 or (>= 0x7F and <= 0x9F) or 0x2028 or 0x2029 => Sort.Control,
        < 0xAD => Sort.Shown,
        // Hangul fillers, the blank Braille pattern, the null notehead.
        0x115F or 0x1160 or 0x3164 or 0xFFA0 or 0x2800 or 0x1D159 => Sort.Blank,
        _ => IsHidden(rune) ? Sort.Hidden : Sort.Shown,
    };

    /// <summary>
    /// Unicode's Default_Ignorable_Code_Point without the blanks, which includes all direction marks; also annotation characters and
    /// noncharacters.
    /// </summary>
    private static bool IsHidden(Rune rune) => rune.Value switch
    {
        < 0xAD => false,
        0xAD or 0x34F or 0x61C or 0x17B4 or 0x17B5 or 0xFEFF => true,
        >= 0x180B and <= 0x180F => true,
        (>= 0x200B and <= 0x200F) or (>= 0x202A and <= 0x202E) or (>= 0x2060 and <= 0x206F) => true,
        (>= 0xFE00 and <= 0xFE0F) or (>= 0xFFF0 and <= 0xFFFB) => true,
        (>= 0xFDD0 and <= 0xFDEF) or (>= 0x1BCA0 and <= 0x1BCA3) or (>= 0x1D173 and <= 0x1D17A) => true,
        >= 0xE0000 and <= 0xE0FFF => true,
        _ => (rune.Value & 0xFFFE) == 0xFFFE,
    };

    private static bool IsPicture(Rune rune) =>
        rune.Value is 0x203C or 0x2049 or 0x3030 or 0x303D
        || (rune.Value > 0x7F && SortOf(rune) == Sort.Shown
            && Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherSymbol or UnicodeCategory.MathSymbol or UnicodeCategory.ModifierSymbol);

    private static bool IsIdeograph(Rune rune) =>
        rune.Value is (>= 0x3400 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFD);

    /// <summary>Whether it is a letter or mark of a script whose letters change their form when joined.</summary>
    private static bool IsJoining(Rune rune) =>
        rune.Value is (>= 0x0600 and <= 0x0DFF) or (>= 0x0F00 and <= 0x109F) or (>= 0x1780 and <= 0x18AF) or (>= 0xA840 and <= 0xA9FF)
            or (>= 0xFB50 and <= 0xFDFF) or (>= 0xFE70 and <= 0xFEFC) or (>= 0x11000 and <= 0x11FFF) or (>= 0x1E900 and <= 0x1E95F)
        && SortOf(rune) == Sort.Shown
        && Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherLetter or UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter
            or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    /// <summary>ASCII without spaces to normalise, as most paths and ids are.</summary>
    private static bool IsSimple(string name)
    {
        for (var i = 0; i < name.Length; i++)
            if (name[i] is < ' ' or > '~' || (name[i] == ' ' && (i == 0 || i == name.Length - 1 || name[i - 1] == ' ')))
                return false;
        return true;
    }

    private static bool MayBeOdd(string text)
    {
        foreach (var c in text)
            if (char.IsSurrogate(c) || SortOf(new Rune(c)) != Sort.Shown)
                return true;
        return false;
    }

    /// <summary>Replaces unpaired surrogates, which cannot be normalised, by U+FFFD.</summary>
    private static string Whole(string text) =>
        text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0 ? text : string.Concat(text.EnumerateRunes());

    private static string NumberOf(int character) => $"U+{character:X4}";

    private sealed class ByKey : IEqualityComparer<string>
    {
        public bool Equals(string? x, string? y) => Same(x, y);

        public int GetHashCode(string obj) => KeyOf(obj).GetHashCode(StringComparison.Ordinal);
    }
}
