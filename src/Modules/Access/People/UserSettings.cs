using System.Text.Json.Serialization;

namespace Notify.Access.People;

/// <summary>How a person proves who they are.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SignInMethod>))]
public enum SignInMethod
{
    /// <summary>Not at all: the person is notified and never signs in.</summary>
    [JsonStringEnumMemberName("none")] None,

    /// <summary>With a password that Notify knows the hash of.</summary>
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

    /// <summary><c>zh</c> or <c>en</c>; null: the message's own.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Language { get; init; }

    /// <summary>An IANA name; null: the installation's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TimeZone { get; init; }

    /// <summary>Ids of roles.</summary>
    public IReadOnlyList<string> Roles { get; init => field = value ?? []; } = [];

    /// <summary>Patterns (<see cref="Kernel.PathPattern"/>) of the alarms that the person may see and act on; none: all.</summary>
    public IReadOnlyList<string> Paths { get; init => field = value ?? []; } = [];

    public SignInMethod SignIn { get; init; }

    /// <summary>Null: the person has none.</summary>
    public string? AccountOf(string type) => Accounts.FirstOrDefault(x => x.Type == type)?.Account;

    /// <summary>The person's addresses, under the names of the fields in which they are entered.</summary>
    public IReadOnlyDictionary<string, string> Addresses() => UserInput.Of(this, []).Addresses();
}

/// <param name="Type">Of the channel that reaches it.</param>
public sealed record UserAccount(string Type, string Account);
