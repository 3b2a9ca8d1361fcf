using System.Text.Json.Serialization;
using Notify.Kernel.Secrets;

namespace Notify.Channels.WeCom;

/// <summary>A WeCom service as stored: robots of group chats, and an app that reaches members. Secrets are only references.</summary>
public sealed record WeComSettings
{
    public const string Bot = "bot";
    public const string Account = "account";
    public const string Party = "party";
    public const string Tag = "tag";
    public const int MaxAccounts = 1000;

    public IReadOnlyList<string> SendTo { get; init; } = [Bot];

    /// <summary>The base address of the app's calls; null: <see cref="WeComOptions.ApiBaseUrl"/>.</summary>
    public string? ApiBaseUrl { get; init; }

    public IReadOnlyList<WeComBot> Bots { get; init; } = [];
    public WeComApp? App { get; init; }
    public IReadOnlyList<WeComAccount> Accounts { get; init; } = [];

    [JsonIgnore]
    public bool SendsToBots => SendTo.Contains(Bot, StringComparer.Ordinal);

    [JsonIgnore]
    public bool SendsToAccounts => SendTo.Contains(Account, StringComparer.Ordinal);
}

/// <param name="WebhookUrl">The address with its key masked.</param>
/// <param name="Key">The robot's only credential.</param>
public sealed record WeComBot(string Alias, string WebhookUrl, SecretRef Key);

/// <param name="AgentId">The app's id, a whole number.</param>
public sealed record WeComApp(string CorpId, long AgentId, SecretRef Secret);

/// <param name="Account">The member's account (userid) in WeCom's contacts.</param>
public sealed record WeComAccount([property: JsonPropertyName("account")] string Account, string Name);
