using System.Text.Json.Serialization;

namespace Notify.Peers.WeCom;

[JsonConverter(typeof(JsonStringEnumConverter<FaultKind>))]
public enum FaultKind
{
    /// <summary>HTTP 200 with <see cref="Fault.Code"/> as errcode.</summary>
    ErrCode,

    /// <summary>HTTP status <see cref="Fault.Code"/> with a proxy's page.</summary>
    HttpStatus,

    /// <summary>HTTP 200 with a proxy's page in place of JSON.</summary>
    Html,

    /// <summary>HTTP 200 with nothing in it.</summary>
    EmptyBody,

    /// <summary>The answer announces more bytes than come before the connection is closed.</summary>
    CutBody,

    /// <summary>HTTP 200 with JSON that has no errcode.</summary>
    MissingErrCode,

    /// <summary>Processed at once, answered after <see cref="Fault.DelayMs"/>.</summary>
    Slow,

    /// <summary>The connection is reset before the body is read.</summary>
    ResetBefore,

    /// <summary>The message is processed, then the connection is reset: the caller cannot know.</summary>
    ResetAfter,

    /// <summary>The call is never answered.</summary>
    Hang,
}

/// <summary>Something that goes wrong on demand. Fields left out match everything.</summary>
public sealed record Fault(FaultKind Kind)
{
    /// <summary>Only sends and uploads with this robot key.</summary>
    public string? Robot { get; init; }

    /// <summary>Only calls of this company.</summary>
    public string? CorpId { get; init; }

    /// <summary>Only calls of this app.</summary>
    public int? AgentId { get; init; }

    /// <summary>Only this path, for example /cgi-bin/gettoken.</summary>
    public string? Path { get; init; }

    /// <summary>How many calls it meets; null = all until cleared.</summary>
    public int? Count { get; init; }

    /// <summary>The errcode or HTTP status answered.</summary>
    public int Code { get; init; } = -1;

    /// <summary>What comes back repeats the called address, as proxies and gateways do: as it was, encoded in several ways, and cut.</summary>
    public bool Echoes { get; init; }

    /// <summary>Milliseconds of real time before the answer; goes with any kind.</summary>
    public int DelayMs { get; init; }

    /// <summary>
    /// Whether the message is processed all the same. By default only where the call reaches the platform and merely the answer suffers:
    /// <see cref="FaultKind.Slow"/>, <see cref="FaultKind.CutBody"/>, <see cref="FaultKind.ResetAfter"/>.
    /// </summary>
    public bool? Processed { get; init; }

    internal bool IsProcessed => Processed ?? Kind is FaultKind.Slow or FaultKind.CutBody or FaultKind.ResetAfter;
}

/// <summary>The faults waiting for a call to meet them, in the order they were given.</summary>
internal sealed class Faults
{
    private readonly Lock gate = new();
    private readonly List<Pending> pending = [];
    private volatile bool any;

    public void Add(Fault fault)
    {
        if (fault.Count < 1)
            throw new ArgumentException("A fault meets at least one call.", nameof(fault));
        lock (gate)
        {
            pending.Add(new Pending(fault));
            any = true;
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            pending.Clear();
            any = false;
        }
    }

    /// <summary>The first fault that fits this call, used up by one.</summary>
    public Fault? Take(string path, string? robot, App? app)
    {
        if (!any)
            return null;
        lock (gate)
        {
            var found = pending.Find(candidate => Fits(candidate.Fault, path, robot, app));
            if (found is null)
                return null;
            if (found.Left is { } left && (found.Left = left - 1) == 0)
                pending.Remove(found);
            any = pending.Count > 0;
            return found.Fault;
        }
    }

    private static bool Fits(Fault fault, string path, string? robot, App? app) =>
        (fault.Path is null || string.Equals(fault.Path, path, StringComparison.Ordinal))
        && (fault.Robot is null || string.Equals(fault.Robot, robot, StringComparison.Ordinal))
        && (fault.CorpId is null || string.Equals(fault.CorpId, app?.CorpId, StringComparison.Ordinal))
        && (fault.AgentId is null || fault.AgentId == app?.AgentId);

    private sealed class Pending(Fault fault)
    {
        public Fault Fault => fault;

        public int? Left { get; set; } = fault.Count;
    }
}
