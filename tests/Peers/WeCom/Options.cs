namespace Notify.Peers.WeCom;

/// <summary>How a <see cref="WeComStandIn"/> behaves. May be changed while it runs; each request reads the value of the moment.</summary>
public sealed class WeComOptions
{
    /// <summary>Where to listen; port 0 takes a free one.</summary>
    public string Url { get; set; } = "http://127.0.0.1:0";

    public TimeProvider Clock { get; set; } = TimeProvider.System;

    /// <summary>An unknown robot key founds a new group instead of being refused with 93000.</summary>
    public bool AcceptAnyRobot { get; set; }

    /// <summary>Calls one robot may make in any 60 seconds before 45009; 0 = no limit.</summary>
    public int RobotLimit { get; set; } = 20;

    /// <summary>Messages of one app a member sees in any 60 seconds; the excess is dropped without an error. 0 = no limit.</summary>
    public int MemberLimit { get; set; } = 30;

    /// <summary>As <see cref="MemberLimit"/>, in any hour. 0 = no limit.</summary>
    public int MemberHourLimit { get; set; } = 1000;

    /// <summary>With which code a message is refused whole if it lists an account that does not exist; null: the others get it, and the answer names
    /// that account.</summary>
    public int? UnknownAccountCode { get; set; }

    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromSeconds(7200);

    /// <summary>The address error texts name as the caller's; by default the one the connection comes from.</summary>
    public string? SeenIp { get; set; }

    /// <summary>Off: only the counters are kept, and <see cref="OnReceived"/> is called. For load.</summary>
    public bool KeepBodies { get; set; } = true;

    /// <summary>How many of the last messages are kept.</summary>
    public int KeepMessages { get; set; } = 100_000;

    /// <summary>How many bytes of bodies and their texts are kept at most; older messages go first.</summary>
    public long KeepBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>Called on the request's thread for each send, before its answer leaves.</summary>
    public Action<Received>? OnReceived { get; set; }

    /// <summary>At which mails come in, and that the other platforms are here too; null: only WeCom is.</summary>
    public int? MailPort { get; set; }

    internal OtherPlatforms? Others { get; set; }

    public List<RobotRegistration> Robots { get; } = [];

    public List<AppRegistration> Apps { get; } = [];
}

/// <param name="Key">The only credential of a robot.</param>
/// <param name="Group">The name of the group chat it belongs to.</param>
public sealed record RobotRegistration(string Key, string Group);

/// <summary>A self-built app and whom it can reach.</summary>
public sealed record AppRegistration(string CorpId, string Secret, int AgentId)
{
    public string Name { get; init; } = "";

    /// <summary>Userids in the app's visible range. "*" = everybody there is.</summary>
    public IReadOnlyList<string> Members { get; init; } = [];

    /// <summary>Members in the visible range that have no interface licence.</summary>
    public IReadOnlyList<string> Unlicensed { get; init; } = [];

    /// <summary>Department ids in the visible range and their members.</summary>
    public IReadOnlyDictionary<string, string[]> Departments { get; init; } = new Dictionary<string, string[]>();

    /// <summary>Tag ids in the visible range and their members.</summary>
    public IReadOnlyDictionary<string, string[]> Tags { get; init; } = new Dictionary<string, string[]>();
}
