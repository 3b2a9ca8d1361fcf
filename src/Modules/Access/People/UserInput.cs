using System.Net.Mail;
using System.Text.RegularExpressions;
using Notify.Channels.DingTalk;
using Notify.Channels.WeCom;
using Notify.Kernel;

namespace Notify.Access.People;

/// <summary>The settings of a person in requests and answers: roles by name, accounts in a field for each platform.</summary>
public sealed partial record UserInput
{
    private const int MaxEmail = 254; // RFC 5321, erratum 1690
    private const int MaxRoles = 50;
    private const int MaxPaths = 100;
    private const string WeCom = "wecom";
    private const string DingTalk = "dingtalk";
    private static readonly string[] languages = ["zh", "en"];

    /// <summary>2 to 64 letters, digits, dots, hyphens, underscores or @ signs; unique, ignoring case.</summary>
    public string UserName { get; init => field = value ?? ""; } = "";

    public string? Email { get; init; }

    /// <summary>With country code: <c>+8613800138000</c>.</summary>
    public string? Mobile { get; init; }

    public string? WecomAccount { get; init; }
    public string? DingtalkUser { get; init; }

    /// <summary><c>zh</c> or <c>en</c>.</summary>
    public string? Language { get; init; }

    /// <summary>An IANA name, such as Asia/Shanghai.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Names of roles.</summary>
    public IReadOnlyList<string> Roles { get; init => field = value ?? []; } = [];

    /// <summary>Patterns such as <c>Site1/**</c>; empty: all.</summary>
    public IReadOnlyList<string> Paths { get; init => field = value ?? []; } = [];

    public SignInMethod SignIn { get; init; }

    /// <summary>The columns of a file of people in order of export, each with further accepted headers.</summary>
    internal static readonly IReadOnlyList<(string Field, IReadOnlyList<string> Headers)> Columns =
    [
        ("userName", ["用户名", "登录名", "login"]), ("name", ["姓名", "名字"]), ("email", ["邮箱", "电子邮箱", "e-mail"]), ("mobile", ["手机", "手机号", "phone"]),
        ("wecomAccount", ["企业微信账号", "企业微信帐号", "wecom"]), ("dingtalkUser", ["钉钉账号", "钉钉帐号", "dingtalk"]), ("language", ["语言"]),
        ("timeZone", ["时区"]), ("roles", ["角色"]), ("paths", ["路径"]), ("signIn", ["登录方式"]), ("description", ["描述", "备注"]),
    ];

    /// <summary>Checks and normalises what does not depend on other resources; roles are checked later.</summary>
    internal UserInput Checked(Errors errors)
    {
        var input = this with
        {
            UserName = UserName.Trim(),
            Email = Given(Email),
            Mobile = Given(Mobile),
            WecomAccount = Given(WecomAccount),
            DingtalkUser = Given(DingtalkUser),
            Language = Given(Language),
            TimeZone = Given(TimeZone),
        };
        if (!SafeName().IsMatch(input.UserName))
            errors.Add("userName", "A user name has 2 to 64 letters, digits, dots, hyphens, underscores or @ signs, and begins with a letter or digit.");
        if (input.Email is { } email && !IsAddress(email)) errors.Add("email", "Give an email address, such as zhang.san@example.com.");
        if (input.Mobile is { } mobile && !E164().IsMatch(mobile)) errors.Add("mobile", "Give the number with its country code, such as +8613800138000.");
        if (input.WecomAccount is { } wecom && !WeComSettingsInput.IsAccount(wecom))
            errors.Add("wecomAccount", "An account has 1 to 64 letters, digits, dots, hyphens, underscores or @ signs.");
        if (input.DingtalkUser is { } dingtalk && DingTalkUserId.FaultOf(dingtalk) is { } fault) errors.Add("dingtalkUser", fault);
        if (input.Language is { } language && !languages.Contains(language)) errors.Add("language", Misspelling.OfChoice(language, languages));
        if (input.TimeZone is { } zone && !TimeZones.IsKnown(zone)) errors.Add("timeZone", $"'{zone}' is not an IANA time zone, such as Asia/Shanghai.");
        if (input.Roles.Count > MaxRoles) errors.Add("roles", $"At most {MaxRoles} roles.");
        CheckPaths(input.Paths, errors);
        return input;
    }

    internal static void CheckPaths(IReadOnlyList<string> paths, Errors errors)
    {
        if (paths.Count > MaxPaths) errors.Add("paths", $"At most {MaxPaths} patterns.");
        foreach (var (i, path) in paths.Index())
            if (PathPattern.FaultOf(path) is { } fault) errors.Add($"paths[{i}]", fault);
    }

    /// <param name="roles">The ids of the roles.</param>
    internal UserSettings Kept(IReadOnlyList<string> roles) => new()
    {
        UserName = UserName,
        Email = Email,
        Mobile = Mobile,
        Accounts =
        [
            .. WecomAccount is { } wecom ? [new UserAccount(WeCom, wecom)] : Array.Empty<UserAccount>(),
            .. DingtalkUser is { } dingtalk ? [new UserAccount(DingTalk, dingtalk)] : Array.Empty<UserAccount>(),
        ],
        Language = Language,
        TimeZone = TimeZone,
        Roles = roles,
        Paths = Paths,
        SignIn = SignIn,
    };

    /// <param name="roles">The names of the roles.</param>
    internal static UserInput Of(UserSettings settings, IReadOnlyList<string> roles) => new()
    {
        UserName = settings.UserName,
        Email = settings.Email,
        Mobile = settings.Mobile,
        WecomAccount = settings.AccountOf(WeCom),
        DingtalkUser = settings.AccountOf(DingTalk),
        Language = settings.Language,
        TimeZone = settings.TimeZone,
        Roles = roles,
        Paths = settings.Paths,
        SignIn = settings.SignIn,
    };

    /// <summary>The person's addresses, by field.</summary>
    internal IReadOnlyDictionary<string, string> Addresses() => new (string Field, string? Address)[]
    {
        ("email", Email), ("mobile", Mobile), ("wecomAccount", WecomAccount), ("dingtalkUser", DingtalkUser),
    }.Where(x => x.Address is { Length: > 0 }).ToDictionary(x => x.Field, x => x.Address!, StringComparer.Ordinal);

    private static string? Given(string? text) => text?.Trim() is { Length: > 0 } given ? given : null;

    private static bool IsAddress(string text) =>
        text.Length <= MaxEmail && MailAddress.TryCreate(text, out var address) && address.Address == text
            && text.All(c => c is > ' ' and not '\u007f');

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._@-]{1,63}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex SafeName();

    [GeneratedRegex(@"^\+[1-9][0-9]{6,14}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex E164();
}
