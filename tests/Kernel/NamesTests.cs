using CsCheck;

namespace Notify.Kernel.Tests;

/// <summary>What a name may contain, and when two names are the same.</summary>
public sealed class NamesTests
{
    [Theory]
    [InlineData("Line 1")]
    [InlineData("一号线　（夜班）")]
    [InlineData("Ångström №5")]
    [InlineData("می\u200cخواهم")] // Persian
    [InlineData("क्\u200dष")] // Devanagari
    [InlineData("ന്\u200d")] // Malayalam, at the end
    [InlineData("👩🏽\u200d🚀 ❤\ufe0f\u200d🔥 1\ufe0f\u20e3 ⚠\ufe0f")]
    [InlineData("葛\U000E0100城")] // the form that Japanese names distinguish
    [InlineData("ᠠ\u180b")]
    public void a_name_may_contain_what_its_script_needs(string name)
    {
        Names.FaultOf(Names.Kept(name)).Should().BeNull();
        Names.Readable(name, out var odd).Should().Be(Names.Kept(name));
        odd.Should().BeNull();
    }

    [Theory]
    [InlineData("A\nB", "U+000A is character 2", "A B")]
    [InlineData("A\r\n\tB", "U+000D is character 2", "A B")]
    [InlineData("A\0B", "U+0000 is character 2", "A B")]
    [InlineData("A\u0085B", "U+0085", "A B")]
    [InlineData("A\u2028B", "U+2028", "A B")]
    [InlineData("A\u202eB", "U+202E is character 2", "AB")]
    [InlineData("A\u2066B", "U+2066", "AB")]
    [InlineData("A\u200eB", "U+200E", "AB")]
    [InlineData("A\u200bB", "U+200B", "AB")]
    [InlineData("A\u200dB", "U+200D", "AB")]
    [InlineData("A\u00adB", "U+00AD", "AB")]
    [InlineData("\ufeffAB", "U+FEFF is character 1", "AB")]
    [InlineData("A\u2060B", "U+2060", "AB")]
    [InlineData("AB\ufe0f", "U+FE0F is character 3", "AB")]
    [InlineData("AB\U000E0100", "U+E0100", "AB")]
    [InlineData("AB\U000E0041", "U+E0041", "AB")]
    [InlineData("A\u3164B", "U+3164", "A B")]
    [InlineData("A\u2800B", "U+2800", "A B")]
    [InlineData("A\uffa0B", "U+FFA0", "A B")]
    [InlineData("A\ufff9B", "U+FFF9", "AB")]
    [InlineData("A\uffffB", "U+FFFF", "AB")]
    public void what_cannot_be_seen_is_named_in_a_name_and_falls_away_from_a_sources(string name, string fault, string readable)
    {
        Names.FaultOf(Names.Kept(name)).Should().Contain(fault);
        Names.Readable(name, out var odd).Should().Be(readable);
        odd.Should().Contain(fault.Split(' ')[0]);
        Names.KeyOf(name).Should().Be(readable.ToUpperInvariant(), "twins are the same name");
    }

    [Theory]
    [InlineData("Line 1", "LINE  1")]
    [InlineData("Line 1", "Ｌｉｎｅ　１")]
    [InlineData("Line 1", " line\u00a01 ")]
    [InlineData("Café", "CAFE\u0301")]
    [InlineData("ﬁne", "fine")]
    [InlineData("ΟΔΟΣ", "οδος")]
    [InlineData("𐐀", "𐐨")]
    [InlineData("一号线", "一\u2060号\ufe0f线\u3164")]
    [InlineData("a\u0301", "a\u034f\u0301")]
    [InlineData("می\u200cخواهم", "میخواهم")]
    public void names_that_look_the_same_are_the_same(string a, string b)
    {
        Names.Same(a, b).Should().BeTrue();
        new HashSet<string>([a, b], Names.Comparer).Should().ContainSingle();
    }

    [Theory]
    [InlineData("Line 1", "Line 2")]
    [InlineData("Line 1", "Line1")]
    [InlineData("一号线", "壹号线")]
    [InlineData("", "A")]
    public void names_that_differ_are_different(string a, string b) => Names.Same(a, b).Should().BeFalse();

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("\u3000")]
    public void nothing_is_no_name(string name) => Names.FaultOf(Names.Kept(name)).Should().Be("A name is required.");

    [Fact]
    public void a_name_has_at_most_64_characters_however_many_bytes_each()
    {
        Names.FaultOf(string.Concat(Enumerable.Repeat("🏭", 64))).Should().BeNull();
        Names.FaultOf(string.Concat(Enumerable.Repeat("🏭", 65))).Should().Be("A name has at most 64 characters.");
    }

    private const string Odd = "a B\n\t\u200d\u200c\ufe0f\u3164\u2800\u202e\u0301\u034f葛ന്👩\ud83d\ude80\u17b4";

    /// <summary>Of any text at all, also with halves of surrogate pairs: reading and comparing never fail, and doing them twice changes nothing
    /// more.</summary>
    [Fact]
    public void whatever_the_text_what_was_made_readable_stays_so() =>
        Gen.OneOf(Gen.Char, Gen.Int[0, Odd.Length - 1].Select(i => Odd[i])).Array[0, 12].Select(x => new string(x)).Sample(
            text =>
            {
                var readable = Names.Readable(text, out var odd);
                Names.HiddenIn(readable).Should().BeNull("of {0}", string.Join(' ', text.Select(x => $"{(int)x:X4}")));
                Names.Readable(readable, out var more).Should().Be(readable);
                more.Should().BeNull();
                (odd is null).Should().Be(readable == Names.Kept(text));
                Names.KeyOf(Names.KeyOf(text)).Should().Be(Names.KeyOf(text));
                Names.Same(readable, text).Should().BeTrue();
            },
            iter: 50_000);
}
