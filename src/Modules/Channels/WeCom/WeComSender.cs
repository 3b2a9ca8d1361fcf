namespace Notify.Channels.WeCom;

/// <summary>A self-built app as a sender: the company, the AgentId and the secret in plain text.</summary>
public sealed record WeComSender(string CorpId, int AgentId, string Secret)
{
    /// <summary>The base address of its calls, without a trailing slash; null: the configured one.</summary>
    public string? ApiBase { get; init; }

    /// <summary>Omits the secret, since records are logged.</summary>
    public override string ToString() => $"{CorpId}/{AgentId}";
}
