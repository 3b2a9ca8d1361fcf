namespace Notify.Peers.WeCom;

/// <summary>
/// Settings for running alone: --urls URL, --accept-any-robot, --robot-limit N, --member-limit N, --robot key=Group,
/// --app corpId:secret:agentId:member,member (both as often as wanted), --mail-port N (with the other platforms, and mails there). The same from
/// the environment:
/// WECOM_URLS, WECOM_ACCEPT_ANY_ROBOT, WECOM_ROBOT_LIMIT, WECOM_MEMBER_LIMIT, WECOM_MAIL_PORT, and WECOM_ROBOT, WECOM_APP with ';' between several.
/// </summary>
public static class CommandLine
{
    private static readonly string[] names = ["urls", "accept-any-robot", "robot-limit", "member-limit", "mail-port", "robot", "app"];

    /// <exception cref="ArgumentException">An argument is unknown or has no proper value.</exception>
    public static void Read(this WeComOptions options, string[] args)
    {
        foreach (var name in names)
            if (Environment.GetEnvironmentVariable($"WECOM_{name.ToUpperInvariant().Replace('-', '_')}") is { Length: > 0 } values)
                foreach (var value in name is "robot" or "app" ? values.Split(';', StringSplitOptions.RemoveEmptyEntries) : [values])
                    options.Set(name, value);

        for (var i = 0; i < args.Length; i++)
        {
            var parts = args[i].Split('=', 2);
            if (!parts[0].StartsWith("--", StringComparison.Ordinal))
                throw new ArgumentException($"Unknown argument {args[i]}.");
            var name = parts[0][2..];
            if (parts.Length == 2)
                options.Set(name, parts[1]);
            else if (name == "accept-any-robot")
                options.Set(name, "true");
            else if (i + 1 < args.Length)
                options.Set(name, args[++i]);
            else
                throw new ArgumentException($"--{name} needs a value.");
        }
    }

    private static void Set(this WeComOptions options, string name, string value)
    {
        switch (name)
        {
            case "urls":
                options.Url = value;
                break;
            case "accept-any-robot":
                options.AcceptAnyRobot = bool.Parse(value);
                break;
            case "robot-limit":
                options.RobotLimit = Number(name, value);
                break;
            case "member-limit":
                options.MemberLimit = Number(name, value);
                options.MemberHourLimit = options.MemberLimit == 0 ? 0 : options.MemberHourLimit;
                break;
            case "mail-port":
                options.MailPort = Number(name, value);
                break;
            case "robot":
                var robot = value.Split('=', 2);
                options.Robots.Add(new RobotRegistration(robot[0], robot.Length == 2 ? robot[1] : robot[0]));
                break;
            case "app":
                options.Apps.Add(App(value));
                break;
            default:
                throw new ArgumentException($"Unknown argument --{name}. Known: --{string.Join(", --", names)}.");
        }
    }

    private static AppRegistration App(string value) =>
        value.Split(':', 4) is [var corpId, var secret, var agentId, var members]
            ? new AppRegistration(corpId, secret, Number("app", agentId)) { Members = members.Split(',', StringSplitOptions.RemoveEmptyEntries) }
            : throw new ArgumentException("--app is corpId:secret:agentId:member,member (or * for any member).");

    private static int Number(string name, string value) =>
        int.TryParse(value, out var number) && number >= 0 ? number : throw new ArgumentException($"--{name}: {value} is not a number.");
}
