using Notify.Channels.Messages;
using Notify.Channels.SmsTwilio;

namespace Notify.Delivery.Tests.SmsTwilio;

public sealed class SmsSegmentsTests
{
    public static TheoryData<string, string, int, int> Texts => new()
    {
        { "", "GSM-7", 0, 1 },
        { new('a', 160), "GSM-7", 160, 1 },
        { new('a', 161), "GSM-7", 161, 2 },
        { new('a', 306), "GSM-7", 306, 2 },
        { new('a', 307), "GSM-7", 307, 3 },
        // Of the extension table: two each.
        { new('€', 80), "GSM-7", 160, 1 },
        { new('€', 81), "GSM-7", 162, 2 },
        // 76 of them fill 152 of 153; the last unit stays empty, since none is torn apart.
        { new('€', 153), "GSM-7", 306, 3 },
        { "Ångström £5 ñ", "GSM-7", 13, 1 },
        { "ángstrom", "UCS-2", 8, 1 },
        { new('泵', 70), "UCS-2", 70, 1 },
        { new('泵', 71), "UCS-2", 71, 2 },
        { new('泵', 134), "UCS-2", 134, 2 },
        { new('泵', 135), "UCS-2", 135, 3 },
        { string.Concat(Enumerable.Repeat("🔥", 35)), "UCS-2", 70, 1 },
        // 33 of them fill 66 of 67.
        { string.Concat(Enumerable.Repeat("🔥", 67)), "UCS-2", 134, 3 },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void a_text_is_billed_by_its_alphabet_and_segments(string text, string encoding, int characters, int segments) =>
        SmsSegments.Of(text).Should().Be(new SmsSize(encoding, characters, segments));
}
