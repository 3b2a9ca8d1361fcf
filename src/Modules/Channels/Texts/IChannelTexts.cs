using Notify.Kernel.Texts;

namespace Notify.Channels.Texts;

/// <summary>A channel's texts for people, in both languages.</summary>
public interface IChannelTexts
{
    /// <summary>What a code of the platform means, and what to do about it; null for a code that means success. Unknown codes have a text
    /// too.</summary>
    Explained? Explain(string code);

    /// <summary>For when no answer came, or an answer from something other than the platform.</summary>
    Explained Unreachable { get; }

    /// <summary>The name of a lane for people.</summary>
    /// <param name="alias">The receiver with its own lane, as its service names it; null if several receivers share the lane.</param>
    LaneWords DescribeLane(string lane, string? alias);
}

/// <summary>What happened, and what to do about it.</summary>
public sealed record Explained(BilingualText Meaning, BilingualText Advice);

/// <param name="Short">One or two words.</param>
/// <param name="Whole">A phrase that continues with "of the service …", in Chinese after "通知服务…的".</param>
public sealed record LaneWords(string Short, BilingualText Whole);
