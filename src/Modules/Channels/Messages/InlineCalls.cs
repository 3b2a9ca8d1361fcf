using Notify.Contracts.Rules;

namespace Notify.Channels.Messages;

/// <summary>Mentions within texts.</summary>
internal static class InlineCalls
{
    /// <summary>A line that mentions everybody whom these texts mention, without duplicates; empty if there are none, or the format has no
    /// mentions.</summary>
    public static string Line(IEnumerable<RenderedMessage> messages, IMessageFormat format, IChannelMessages channel) =>
        format.CallOpener is not { } opener ? ""
        : string.Join(' ', messages.SelectMany(x => channel.Of(x.Format).CallsIn(x.Text)).Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(x => $"{opener}{x}{format.CallCloser}"));
}
