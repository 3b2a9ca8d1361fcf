using System.Text.Json.Serialization;

namespace Notify.Access.People;

/// <summary>How a person signs in.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SignInMethod>))]
public enum SignInMethod
{
    /// <summary>The person is notified and cannot sign in.</summary>
    [JsonStringEnumMemberName("none")] None,

    /// <summary>By a password of Notify.</summary>
    [JsonStringEnumMemberName("password")] Password,

    /// <summary>At the organisation's identity provider.</summary>
    [JsonStringEnumMemberName("oidc")] Oidc,
}

/// <summary>The settings of a person. Field names are chosen so that each text that names the person can be erased alone.</summary>
public sealed record UserSettings
{
    public string UserName { get; init => field = value ?? ""; } = "";

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Email { get; init; }

    /// <summary>With country code (E.164): <c>+8613800138000</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Mobile { get; init; }

    /// <summary>The person's accounts at platforms.</summary>
    public IReadOnlyList<UserAccount> Accounts { get; init => field = value ?? []; } = [];

    /// <summary><c>zh</c> or <c>en</c>; null: the language of the message.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Language { get; init; }

    /// <summary>An IANA time zone; null: that of the installation.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TimeZone { get; init; }

    /// <summary>Ids of roles.</summary>
    public IReadOnlyList<string> Roles { get; init => field = value ?? []; } = [];

    /// <summary>Patterns (<see cref="Kernel.PathPattern"/>) for the paths of the alarms that the person may see and act on; empty: all.</summary>
    public IReadOnlyList<string> Paths { get; init => field = value ?? []; } = [];

    public SignInMethod SignIn { get; init; }

    /// <summary>Null: the person has none.</summary>
    public string? AccountOf(string type) => Accounts.FirstOrDefault(x => x.Type == type)?.Account;

    /// <summary>The person's addresses, by the name of the field.</summary>
    public IReadOnlyDictionary<string, string> Addresses() => UserInput.Of(this, []).Addresses();
}

/// <param name="Type">The type of the channel.</param>
public sealed record UserAccount(string Type, string Account);
