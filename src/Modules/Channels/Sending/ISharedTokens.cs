namespace Notify.Channels.Sending;

/// <summary>
/// Access tokens shared by all nodes, since platforms limit how often one may be fetched. Only one node fetches at a time. Times are those of the
/// store's clock, so that the nodes' clocks need not agree. Any call may fail, for example while the store is unavailable: nothing is shared then,
/// and a node uses a token of its own.
/// </summary>
public interface ISharedTokens
{
    /// <summary>A reference that depends on the account and the secret but reveals neither.</summary>
    string RefOf(string account, string secret);

    /// <returns>The valid token, or null.</returns>
    /// <param name="refused">A token that the platform refused; null: none.</param>
    Task<SharedToken?> ReadAsync(string reference, string? refused);

    /// <summary>Whether this node must fetch a token now: no other node is fetching, and the current one is missing or due for replacement.</summary>
    Task<bool> BeginFetchAsync(string reference, string? refused);

    Task StoreAsync(string reference, SharedToken token);

    /// <summary>Ends a fetch that failed; the next caller that needs the token may try.</summary>
    Task GiveUpAsync(string reference);
}

public sealed record SharedToken(string Value, DateTimeOffset RefreshAt, DateTimeOffset ExpiresAt)
{
    public override string ToString() => $"access token until {ExpiresAt:O}";
}
