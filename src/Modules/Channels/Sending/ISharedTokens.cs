using System.Data.Common;

namespace Notify.Channels.Sending;

/// <summary>
/// Access tokens that all nodes share, since platforms throttle how often one may be fetched. Only one node fetches at a time; the clock is the
/// store's, so that the nodes' clocks need not agree.
/// </summary>
/// <exception cref="DbException">From any of its calls: the store is away, and nothing can be shared.</exception>
public interface ISharedTokens
{
    /// <summary>Tells apart what was fetched with one secret from what was fetched with another, and shows neither.</summary>
    string RefOf(string account, string secret);

    /// <returns>The token that serves, or null.</returns>
    /// <param name="refused">One that the platform did not take.</param>
    Task<SharedToken?> ReadAsync(string reference, string? refused);

    /// <summary>Whether this node is to fetch one now: nobody else is fetching, and the present one is missing or due for replacement.</summary>
    Task<bool> BeginFetchAsync(string reference, string? refused);

    Task StoreAsync(string reference, SharedToken token);

    /// <summary>It could not be fetched; the next to need it may try.</summary>
    Task GiveUpAsync(string reference);
}

public sealed record SharedToken(string Value, DateTimeOffset RefreshAt, DateTimeOffset ExpiresAt)
{
    public override string ToString() => $"access token until {ExpiresAt:O}";
}
