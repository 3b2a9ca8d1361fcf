using System.Text;
using System.Text.Json.Serialization;

namespace Notify.Peers.WeCom;

public enum WeComChannel
{
    Robot,
    App,
}

/// <summary>One send as the platform saw it, with what it did about it.</summary>
public sealed class Received
{
    /// <summary>1 for the first since the start; has no gaps.</summary>
    public long Number { get; internal set; }

    public DateTimeOffset At { get; internal init; }

    public WeComChannel Channel { get; internal init; }

    /// <summary>One of the demo's other platforms; null: WeCom.</summary>
    public string? Platform { get; internal init; }

    public string? RobotKey { get; internal init; }

    /// <summary>The robot's group, if the key is known.</summary>
    public string? Group { get; internal set; }

    public string? CorpId { get; internal set; }

    public int? AgentId { get; internal set; }

    public string? AppName { get; internal set; }

    /// <summary>As the caller wrote them.</summary>
    public IReadOnlyList<string> ToUser { get; internal set; } = [];

    /// <summary>Empty when the body could not be read that far.</summary>
    public string MsgType { get; internal set; } = "";

    /// <summary>What a reader would see, cut where the platform cuts; a card becomes one line for each of its fields.</summary>
    public string Text { get; internal set; } = "";

    [JsonIgnore]
    public byte[] BodyBytes { get; internal set; } = [];

    public string Body => Encoding.UTF8.GetString(BodyBytes);

    /// <summary>The answered errcode; null when the answer had none or did not get through.</summary>
    public int? ErrCode { get; internal set; }

    public string? ErrMsg { get; internal set; }

    /// <summary>The fault that met this send.</summary>
    public FaultKind? Fault { get; internal set; }

    /// <summary>Somebody saw it: the group, or at least one member. Independent of whether the caller learnt so.</summary>
    public bool Delivered { get; internal set; }

    /// <summary>Members that saw it (apps only).</summary>
    public IReadOnlyList<string> ShownTo { get; internal set; } = [];

    /// <summary>Members over their rate, for whom it vanished without an error (apps only).</summary>
    public IReadOnlyList<string> DroppedFor { get; internal set; } = [];

    /// <summary>An identical request came before, within its duplicate check interval: answered 0, not shown.</summary>
    public bool Duplicate { get; internal set; }

    /// <summary>As answered: lower case.</summary>
    public IReadOnlyList<string> InvalidUser { get; internal set; } = [];

    /// <summary>As answered: lower case.</summary>
    public IReadOnlyList<string> UnlicensedUser { get; internal set; } = [];

    internal IReadOnlyList<string> InvalidParty { get; set; } = [];

    internal IReadOnlyList<string> InvalidTag { get; set; } = [];

    public string? MsgId { get; internal set; }

    /// <summary>traceparent, tracestate, user-agent and content-type, those that were sent; lower case names.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; internal set; } = noHeaders;

    private static readonly Dictionary<string, string> noHeaders = [];

    public override string ToString() =>
        $"#{Number} {Channel} {Group ?? RobotKey ?? AppName} {MsgType} -> {ErrCode?.ToString() ?? Fault?.ToString()}"
        + $"{(Delivered ? " shown" : " not shown")}: {(Text.Length > 60 ? Text[..60] : Text)}";
}

/// <summary>Exact since the start or the last clearing, also where messages are no longer kept.</summary>
/// <param name="Requests">Sends of both channels.</param>
/// <param name="Shown">Sends somebody saw.</param>
/// <param name="Rejected">Sends that met a non-zero errcode.</param>
/// <param name="Faulted">Sends that met a fault.</param>
/// <param name="Duplicates">Sends the duplicate check held back.</param>
/// <param name="MembersShown">Members that saw an app's message, each message counted.</param>
/// <param name="MembersDropped">Members for whom an app's message vanished over the rate.</param>
/// <param name="TokenCalls">Calls to gettoken.</param>
public sealed record ReceivedCounters(
    long Requests, long Shown, long Rejected, long Faulted, long Duplicates, long MembersShown, long MembersDropped, long TokenCalls);
