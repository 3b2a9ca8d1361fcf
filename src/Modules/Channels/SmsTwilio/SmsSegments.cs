using System.Buffers;
using System.Text;
using Notify.Channels.Messages;

namespace Notify.Channels.SmsTwilio;

/// <summary>How a text is transmitted and billed (3GPP TS 23.038 and 23.040): in the GSM alphabet if that has all its characters, else in UCS-2; in
/// one segment, or in several that are slightly shorter.</summary>
public static class SmsSegments
{
    private const string Basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

    /// <summary>Preceded by an escape character, so that each counts as two.</summary>
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
            // A segment ends before a character that would be split.
            var size = isGsm ? (escaped.Contains((char)rune.Value) ? 2 : 1) : rune.Utf16SequenceLength;
            if (size > left) (segments, left) = (segments + 1, among);
            left -= size;
            units += size;
        }

        return new(isGsm ? "GSM-7" : "UCS-2", units, units <= alone ? 1 : segments);
    }
}
