using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;

namespace Notify.Channels.WeCom;

/// <summary>A WeCom service as an administrator enters it, with secrets in plain text or omitted.</summary>
public sealed record WeComSettingsInput
{
    public const int MaxSecretLength = 512;

    public IReadOnlyList<string>? SendTo { get; init; }
    public string? ApiBaseUrl { get; init; }
    public IReadOnlyList<BotInput>? Bots { get; init; }
    public AppInput? App { get; init; }
    public IReadOnlyList<AccountInput>? Accounts { get; init; }

    /// <summary><c>fingerprint</c> is shown when the service is read; it is accepted and ignored, so that what was read can be sent back.</summary>
    public sealed record BotInput(string? Alias, string? WebhookUrl, string? Fingerprint = null);

    /// <summary><c>agentId</c> is a number, but people paste it as text; <c>secret</c> is a text, or the object shown for it.</summary>
    public sealed record AppInput(string? CorpId, JsonElement? AgentId, JsonElement? Secret);

    public sealed record AccountInput(string? Account, string? Name);

    public WeComSettings? ToSettings(WeComSettings? current, IReadOnlyCollection<string> allowedOrigins, ResourceChange change, Errors errors)
    {
        var sendTo = (SendTo is { Count: > 0 } ? SendTo : [WeComSettings.Bot]).Distinct(StringComparer.Ordinal).ToList();
        if (SendTo is { Count: 0 }) errors.Add("wecom.sendTo", "Choose robots (bot), accounts (account), or both.");
        foreach (var target in sendTo.Where(x => x is not (WeComSettings.Bot or WeComSettings.Account)))
            errors.Add("wecom.sendTo", $"'{target}' is unknown; choose bot, account, or both.");

        var apiBase = ApiBaseUrl?.Trim().TrimEnd('/') is { Length: > 0 } given ? given : null;
        if (apiBase is not null && FaultOfApiBase(apiBase, allowedOrigins) is { } fault) errors.Add("wecom.apiBaseUrl", fault);
        var bots = ReadBots(current, allowedOrigins, change, errors);
        var app = ReadApp(current, change, errors);
        var accounts = ReadAccounts(errors);
        if (sendTo.Contains(WeComSettings.Bot) && bots.Count == 0 && Bots is not { Count: > 0 }) errors.Add(
            "wecom.bots", "At least one robot is required.");
        if (sendTo.Contains(WeComSettings.Account))
        {
            if (App is null) errors.Add("wecom.app", "The app (corpId, agentId, secret) is required to send to accounts.");
            if (Accounts is not { Count: > 0 }) errors.Add("wecom.accounts", "At least one account is required.");
        }

        return errors.Any ? null : new WeComSettings
        {
            SendTo = sendTo,
            ApiBaseUrl = apiBase,
            Bots = bots,
            App = app,
            Accounts = accounts,
        };
    }

    /// <summary>Restricted, because the app's secret is sent to this address.</summary>
    private static string? FaultOfApiBase(string text, IReadOnlyCollection<string> allowedOrigins)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http") || url.Host.Length == 0
            || url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0 || text.Length > 500)
            return "This is not an address that calls could go to.";
        return WebhookUrl.IsAllowed(url.GetLeftPart(UriPartial.Authority), allowedOrigins)
            ? null : "The origin of the API address must be listed in the setting Notify:WeCom:AllowedOrigins.";
    }

    private List<WeComBot> ReadBots(WeComSettings? current, IReadOnlyCollection<string> allowedOrigins, ResourceChange change, Errors errors)
    {
        var bots = new List<WeComBot>();
        if (Bots is null) return bots;
        if (Bots.Count > 100) errors.Add("wecom.bots", "A service has at most 100 robots.");
        var aliases = new HashSet<string>(Names.Comparer);
        foreach (var (i, bot) in Bots.Take(100).Index())
        {
            var path = $"wecom.bots[{i}]";
            var alias = Names.Kept(bot?.Alias ?? "");
            if (Names.FaultOf(alias) is { } fault) errors.Add($"{path}.alias", fault);
            else if (!aliases.Add(alias)) errors.Add($"{path}.alias", $"The alias '{alias}' is used twice.");

            var kept = current?.Bots.FirstOrDefault(x => Names.Same(x.Alias, alias));
            var text = bot?.WebhookUrl?.Trim() ?? "";
            if (kept is not null && (text.Length == 0 || text == kept.WebhookUrl)) bots.Add(kept with { Alias = alias });
            else if (text.Length == 0) errors.Add($"{path}.webhookUrl", "The webhook URL is required.");
            else if (WeCom.WebhookUrl.IsMasked(text))
                errors.Add($"{path}.webhookUrl", kept is null
                    ? $"The URL is masked, but no robot '{alias}' is stored. Enter the full URL."
                    : $"The URL is masked and differs from the one stored for '{alias}'. Enter the full URL.");
            else if (!WeCom.WebhookUrl.TryParse(text, allowedOrigins, out var url, out var urlFault)) errors.Add($"{path}.webhookUrl", urlFault);
            else bots.Add(new WeComBot(alias, url.Masked, change.Vault.Store(change.Session, url.Key, kept?.Key)));
        }

        return bots;
    }

    private WeComApp? ReadApp(WeComSettings? current, ResourceChange change, Errors errors)
    {
        if (App is null) return null;
        var corpId = App.CorpId?.Trim() ?? "";
        if (corpId.Length is 0 or > 64 || !corpId.All(char.IsAsciiLetterOrDigit)) errors.Add(
            "wecom.app.corpId", "The company id (企业ID) is required: letters and digits, as on the page 我的企业.");

        long agentId = 0;
        var agent = App.AgentId is { } element
            ? (element.ValueKind == JsonValueKind.String ? element.GetString()!.Trim() : element.GetRawText()) : "";
        if (!long.TryParse(agent, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out agentId)
            || agentId is <= 0 or > int.MaxValue)
            errors.Add("wecom.app.agentId", "The AgentId is required: a whole number, as on the app's page.");

        var kept = current?.App?.Secret;
        switch (App.Secret)
        {
            case null or { ValueKind: JsonValueKind.Null } when kept is not null:
            case { ValueKind: JsonValueKind.Object } shown when kept is not null && IsAsRead(shown, kept):
                return new WeComApp(corpId, agentId, kept);
            case { ValueKind: JsonValueKind.Object } when kept is not null:
                errors.Add("wecom.app.secret", "This is not the stored Secret. Omit it to keep the stored one, or enter a new one.");
                return null;
            case { ValueKind: JsonValueKind.String } given when given.GetString()!.Trim() is { Length: > 0 } secret:
                if (secret.Length > MaxSecretLength)
                {
                    errors.Add("wecom.app.secret", $"The Secret has at most {MaxSecretLength} characters.");
                    return null;
                }

                if (secret.Any(c => c is < '!' or > '~'))
                {
                    errors.Add("wecom.app.secret", "The Secret contains only letters, digits and punctuation, as on the app's page.");
                    return null;
                }

                return new WeComApp(corpId, agentId, errors.Any ? new SecretRef("", "") : change.Vault.Store(change.Session, secret, kept));
            default:
                errors.Add("wecom.app.secret", "The app's Secret is required.");
                return null;
        }
    }

    private static bool IsAsRead(JsonElement shown, SecretRef kept) =>
        shown.EnumerateObject().All(x => x.Name switch
        {
            "set" => x.Value.ValueKind == JsonValueKind.True,
            "fingerprint" => x.Value.ValueKind == JsonValueKind.String && x.Value.ValueEquals(kept.Fingerprint),
            _ => false,
        });

    private List<WeComAccount> ReadAccounts(Errors errors)
    {
        var accounts = new List<WeComAccount>();
        if (Accounts is null) return accounts;
        if (Accounts.Count > WeComSettings.MaxAccounts) errors.Add("wecom.accounts", $"A service has at most {WeComSettings.MaxAccounts} accounts.");
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase); // WeCom ignores case in userids
        foreach (var (i, item) in Accounts.Take(WeComSettings.MaxAccounts).Index())
        {
            var account = item?.Account?.Trim() ?? "";
            var name = Names.Kept(item?.Name ?? "");
            var path = $"wecom.accounts[{i}]";
            if (!IsAccount(account)) errors.Add($"{path}.account", "An account has 1 to 64 letters, digits, dots, hyphens, underscores or @ signs.");
            else if (!seen.Add(account)) errors.Add($"{path}.account", $"The account '{account}' is listed twice.");
            if (FaultOfAccountName(name) is { } nameFault) errors.Add($"{path}.name", nameFault);
            accounts.Add(new WeComAccount(account, name));
        }

        return accounts;
    }

    /// <summary>The name may be omitted: the account suffices to reach the member.</summary>
    public static string? FaultOfAccountName(string name) => name.Length == 0 ? null : Names.FaultOf(name);

    public static bool IsAccount(string text) =>
        text.Length is > 0 and <= 64 && !text.Equals("@all", StringComparison.OrdinalIgnoreCase)
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '@');

    /// <summary>The settings as shown: the address masked, secrets by fingerprint.</summary>
    public static JsonObject View(WeComSettings settings)
    {
        var view = new JsonObject
        {
            ["sendTo"] = new JsonArray([.. settings.SendTo.Select(x => (JsonNode)x)]),
            ["bots"] = new JsonArray([.. settings.Bots.Select(x => (JsonNode)new JsonObject
            {
                ["alias"] = x.Alias, ["webhookUrl"] = x.WebhookUrl, ["fingerprint"] = x.Key.Fingerprint,
            })]),
        };
        if (settings.ApiBaseUrl is { } apiBase) view["apiBaseUrl"] = apiBase;
        if (settings.App is { } app)
        {
            view["app"] = new JsonObject
            {
                ["corpId"] = app.CorpId,
                ["agentId"] = app.AgentId,
                ["secret"] = new JsonObject { ["set"] = true, ["fingerprint"] = app.Secret.Fingerprint },
            };
        }

        view["accounts"] = new JsonArray([.. settings.Accounts.Select(x => (JsonNode)new JsonObject { ["account"] = x.Account, ["name"] = x.Name })]);
        return view;
    }
}
