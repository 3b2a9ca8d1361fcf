namespace Notify.Channels.WeCom;

/// <summary>A self-built app as a sender: the company, the app's number and its secret.</summary>
public sealed record WeComSender(string CorpId, int AgentId, string Secret)
{
    /// <summary>Where its calls go, without a slash at the end; null: where all go.</summary>
    public string? ApiBase { get; init; }

    /// <summary>Without the secret, since records end up in logs.</summary>
    public override string ToString() => $"{CorpId}/{AgentId}";
}
