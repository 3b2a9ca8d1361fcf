using Notify.Kernel.Texts;

namespace Notify.Channels.Texts;

/// <summary>What a channel says to people, in both languages.</summary>
public interface IChannelTexts
{
    /// <summary>What a code of the platform means, and what to do about it; null for one that says that all is well. A code that is not known has
    /// words too.</summary>
    Explained? Explain(string code);

    /// <summary>No answer came, or one from something that stands between.</summary>
    Explained Unreachable { get; }

    /// <summary>What people call a lane.</summary>
    /// <param name="alias">The receiver that has the lane for itself, as its service calls it; null when several share it.</param>
    LaneWords DescribeLane(string lane, string? alias);
}

/// <summary>What happened, and what to do about it.</summary>
public sealed record Explained(BilingualText Meaning, BilingualText Advice);

/// <param name="Short">In one or two words.</param>
/// <param name="Whole">In a sentence that goes on with "of the service …", in Chinese after "通知服务…的".</param>
public sealed record LaneWords(string Short, BilingualText Whole);
