using Notify.Contracts.Rules;

namespace Notify.Channels.Messages;

/// <summary>Whom texts call where they name them.</summary>
internal static class InlineCalls
{
    /// <summary>A line in a format that calls whoever these texts call, each once; empty when they call nobody, or the format has no such
    /// call.</summary>
    public static string Line(IEnumerable<RenderedMessage> messages, IMessageFormat format, IChannelMessages channel) =>
        format.CallOpener is not { } opener ? ""
        : string.Join(' ', messages.SelectMany(x => channel.Of(x.Format).CallsIn(x.Text)).Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(x => $"{opener}{x}{format.CallCloser}"));
}
