using System.Buffers;
using System.Text;
using Notify.Channels.Messages;

namespace Notify.Channels.SmsTwilio;

/// <summary>How a text travels and is billed (3GPP TS 23.038 and 23.040): in the alphabet of GSM if it has no other character, else in UCS-2; in
/// one segment, or in several that are a little shorter.</summary>
public static class SmsSegments
{
    private const string Basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

    /// <summary>Behind an escape, so that each takes the place of two.</summary>
    private const string Extended = "\f^{}\\[~]|€";

    private static readonly SearchValues<char> gsm = SearchValues.Create(Basic + Extended);
    private static readonly SearchValues<char> escaped = SearchValues.Create(Extended);

    public static SmsSize Of(string text)
    {
        var isGsm = !text.AsSpan().ContainsAnyExcept(gsm);
        var (alone, among) = isGsm ? (160, 153) : (70, 67);
        var (units, segments, left) = (0, 1, among);
        foreach (var rune in text.EnumerateRunes())
        {
            // A segment ends before a character that would be torn apart.
            var size = isGsm ? (escaped.Contains((char)rune.Value) ? 2 : 1) : rune.Utf16SequenceLength;
            if (size > left) (segments, left) = (segments + 1, among);
            left -= size;
            units += size;
        }

        return new(isGsm ? "GSM-7" : "UCS-2", units, units <= alone ? 1 : segments);
    }
}
