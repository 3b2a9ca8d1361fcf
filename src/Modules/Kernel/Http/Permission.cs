namespace Notify.Kernel.Http;

/// <summary>
/// One thing that a caller may be allowed to do. Every endpoint requires exactly one (<see cref="EndpointPermissions"/>), and a role is a set of them
/// (<c>Roles</c> of Access). Names are part of the REST contract; docs/permissions.md lists them with their endpoints.
/// </summary>
public sealed record Permission
{
    private static readonly List<Permission> all = [];

    public static readonly Permission AlarmsRead = new("alarms.read", "Read alarms, and why somebody was or was not notified.");
    public static readonly Permission AlarmsReport = new("alarms.report", "Report alarms, in Notify's own format or another system's.");
    public static readonly Permission AlarmsAcknowledge = new("alarms.acknowledge", "Acknowledge alarms.");
    public static readonly Permission AlarmsShelve = new("alarms.shelve", "Shelve and unshelve alarms.");
    public static readonly Permission ConfigurationRead = new(
        "configuration.read",
        "Read services, messages, schedules and rules, with their history; preview and explain them; export them without secrets.");
    public static readonly Permission ConfigurationChange = new(
        "configuration.change", "Create, change, switch, delete and import configuration; send tests.");
    public static readonly Permission ConfigurationApprove = new("configuration.approve", "Approve changes of configuration proposed by others.");
    public static readonly Permission ConfigurationSecrets = new("configuration.secrets", "Export secrets, sealed for another installation.");
    public static readonly Permission NotificationsRead = new(
        "notifications.read", "Read notifications, the failed list and the state of the lanes.");
    public static readonly Permission NotificationsResend = new("notifications.resend", "Resend, dismiss and cancel notifications.");
    public static readonly Permission HistoryRead = new(
        "history.read", "Read the history with its proofs and receipts, the configuration at any instant, and replays with their reports.");
    public static readonly Permission HistoryExport = new("history.export", "Export the history.");
    public static readonly Permission HistoryVerify = new("history.verify", "Verify the history.");
    public static readonly Permission HistoryReview = new("history.review", "Record that a period of the history was reviewed.");
    public static readonly Permission ReplaysRun = new("replays.run", "Run reviews and what-if replays.");
    public static readonly Permission ReplaysRedeliver = new("replays.redeliver", "Send notifications of a past period again.");
    public static readonly Permission PeopleRead = new("people.read", "Read people, groups, roles and API keys.");
    public static readonly Permission PeopleManage = new("people.manage", "Change people, groups, roles and API keys.");
    public static readonly Permission PersonalErase = new("personal.erase", "Erase personal data.");
    public static readonly Permission RetentionManage = new("retention.manage", "Place and release legal holds.");
    public static readonly Permission OperationRead = new("operation.read", "Read the state of the installation: metrics, dead letters, rebuilds.");
    public static readonly Permission OperationManage = new("operation.manage", "Handle dead letters, rebuild tables, rotate the signing key.");

    private Permission(string name, string description)
    {
        (Name, Description) = (name, description);
        all.Add(this);
    }

    /// <summary>Area and verb, such as <c>alarms.acknowledge</c>.</summary>
    public string Name { get; }

    public string Description { get; }

    /// <summary>In the order in which they are declared.</summary>
    public static IReadOnlyList<Permission> All => all;

    /// <summary>Null: there is none of this name.</summary>
    public static Permission? Find(string? name) => all.Find(x => x.Name == name);

    public override string ToString() => Name;
}
